/** deploy/compose.observability.yaml and what it mounts. Neither Docker nor its images are run here: that the parts fit together is looked at. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { loadConfig } from "../../src/config/load.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { dashboards, DEPLOY } from "./expressions.ts";

const added = z.strictObject({
  image: z.string().regex(/^[\w./-]+:v?\d+\.\d+\.\d+$/),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()),
  tmpfs: z.array(z.string()).optional(),
  ports: z.array(z.string().startsWith("127.0.0.1:")).optional(),
  networks: z.array(z.string()),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).optional(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]),
  restart: z.literal("unless-stopped"),
});
const compose = z.strictObject({
  name: z.literal("assay"),
  services: z.strictObject({
    assay: z.strictObject({
      environment: z.record(z.string(), z.string()),
      networks: z.tuple([z.literal("telemetry")]),
      depends_on: z.record(z.string(), z.strictObject({ condition: z.literal("service_started") })),
    }),
    collector: added,
    prometheus: added,
    tempo: added,
    grafana: added,
  }),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean() }).nullable()),
  volumes: z.record(z.string(), z.null()),
});
const pipeline = z.strictObject({
  receivers: z.array(z.string()),
  processors: z.array(z.string()),
  exporters: z.array(z.string()),
});
const collectorConfig = z.object({
  receivers: z.strictObject({ otlp: z.object({ protocols: z.object({ grpc: z.object({ endpoint: z.string() }) }) }) }),
  processors: z.record(z.string(), z.unknown()),
  exporters: z.record(z.string(), z.object({ endpoint: z.string().optional() })),
  service: z.object({ pipelines: z.record(z.string(), pipeline) }),
});
const otlpReceiver = z.object({
  otlp: z.object({ protocols: z.object({ grpc: z.object({ endpoint: z.string() }) }) }),
});

const read = (path: string): unknown => parse(readFileSync(join(DEPLOY, path), "utf8"));
const { services, networks, volumes } = compose.parse(read("compose.observability.yaml"));
const { assay, ...others } = services;
const collector = collectorConfig.parse(read("collector/collector.yaml"));

describe("the services beside Assay", () => {
  test.each(Object.entries(others))("of %s everything that is mounted is there", (_name, service) => {
    const sources = service.volumes.map((volume) => volume.split(":")[0] ?? "");
    expect(sources.filter((source) => !(source in volumes) && !existsSync(join(DEPLOY, source)))).toEqual([]);
    const writable = service.volumes.filter((volume) => !volume.endsWith(":ro"));
    expect(writable.filter((volume) => volume.startsWith("."))).toEqual([]);
  });

  test("are reached from this machine alone, and only the two with pages", () => {
    const published = Object.entries(others).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([
      ["prometheus", ["127.0.0.1:9090:9090"]],
      ["grafana", ["127.0.0.1:3000:3000"]],
    ]);
  });

  test("talk where there is no way out, and none of them reaches Redis", () => {
    expect(networks["telemetry"]).toEqual({ internal: true });
    const joined = new Set(Object.values(others).flatMap((service) => service.networks));
    expect(joined).toEqual(new Set(["telemetry", "view"]));
  });

  test("have no password of ours", () => {
    expect(services.grafana.environment?.["GF_SECURITY_ADMIN_PASSWORD"]).toMatch(/^\$\{GRAFANA_ADMIN_PASSWORD:\?/);
  });
});

describe("what they are told", () => {
  test("Assay's configuration passes its check with the variables that are set", async () => {
    const directory = await temporaryDirectory();
    await cp(join(DEPLOY, "assay.yaml"), join(directory, "assay.yaml"));
    execFileSync(join(DEPLOY, "make-certificates.sh"), [join(directory, "certs")], { stdio: "pipe" });
    const { config, warnings } = await loadConfig({ path: "assay.yaml", env: assay.environment, cwd: directory });
    expect({ endpoint: config.telemetry.otlp_endpoint, warnings }).toEqual({
      endpoint: `http://collector:${portOf(collector.receivers.otlp.protocols.grpc.endpoint)}`,
      warnings: [],
    });
  });

  test("the collector's pipelines name what there is, and all of that", () => {
    const { pipelines } = collector.service;
    expect(Object.keys(pipelines)).toEqual(["metrics", "traces", "logs"]);
    for (const part of ["receivers", "processors", "exporters"] as const) {
      const named = Object.values(pipelines).flatMap((of) => of[part]);
      expect(new Set(named)).toEqual(new Set(Object.keys(collector[part])));
    }
  });

  test("promtool takes Prometheus's configuration, which asks the collector", () => {
    const cwd = join(DEPLOY, "prometheus");
    expect(execFileSync("promtool", ["check", "config", "prometheus.yaml"], { cwd, encoding: "utf8" })).toContain(
      "1 rule files found",
    );
    const job = z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) });
    const { scrape_configs: jobs } = z
      .object({ scrape_configs: z.array(job) })
      .parse(read("prometheus/prometheus.yaml"));
    expect(jobs.flatMap((of) => of.static_configs.flatMap(({ targets }) => targets))).toEqual([
      `collector:${portOf(collector.exporters["prometheus"]?.endpoint)}`,
    ]);
  });

  test("Tempo receives where the collector sends, and Grafana asks where Tempo and Prometheus answer", () => {
    const tempo = z
      .object({ server: z.object({ http_listen_port: z.int() }), distributor: z.object({ receivers: otlpReceiver }) })
      .parse(read("tempo/tempo.yaml"));
    const receives = portOf(tempo.distributor.receivers.otlp.protocols.grpc.endpoint);
    expect(collector.exporters["otlp_grpc/tempo"]?.endpoint).toBe(`tempo:${receives}`);
    const { datasources } = z
      .object({ datasources: z.array(z.object({ type: z.string(), url: z.string() })) })
      .parse(read("grafana/provisioning/datasources/datasources.yaml"));
    expect(datasources.map(({ type, url }) => [type, url])).toEqual([
      ["prometheus", "http://prometheus:9090"],
      ["tempo", `http://tempo:${tempo.server.http_listen_port}`],
    ]);
  });

  test("Grafana finds the dashboards where they are mounted", () => {
    const { providers } = z
      .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
      .parse(read("grafana/provisioning/dashboards/dashboards.yaml"));
    const [path = ""] = providers.map(({ options }) => options.path);
    expect(services.grafana.volumes).toContain(`./grafana/dashboards:${path}:ro`);
    const home = services.grafana.environment?.["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    expect(dashboards().map(({ file }) => `${path}/${file}`)).toContain(home);
  });
});

function portOf(endpoint = ""): string | undefined {
  return endpoint.split(":").at(-1);
}

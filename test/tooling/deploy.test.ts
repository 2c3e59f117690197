import { X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { loadConfig } from "../../src/config/load.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const repository = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");

const service = z.object({
  image: z.string(),
  command: z.array(z.string()),
  volumes: z.array(z.string()),
  read_only: z.literal(true),
  ports: z.array(z.string()).optional(),
  networks: z.array(z.string()),
});
const { services, networks } = z
  .object({
    services: z.object({ assay: service, redis: service }),
    networks: z.record(z.string(), z.object({ internal: z.boolean() }).nullable()),
  })
  .parse(parse(read("deploy/compose.yaml")));

describe("deploy/make-certificates.sh and deploy/assay.yaml", () => {
  it("make a configuration that passes its check", async () => {
    const { config, warnings } = await loadConfig({ path: "assay.yaml", env: {}, cwd: await deployment() });
    expect({ development: config.development, warnings }).toEqual({ development: false, warnings: [] });
  });

  it("make a caller's certificate that the configuration recognises and the authority signed", async () => {
    const directory = await deployment();
    const { config } = await loadConfig({ path: "assay.yaml", env: {}, cwd: directory });
    const authority = certificate(directory, "certs/server/ca.pem");
    const caller = certificate(directory, "certs/callers/authorization-server.pem");
    expect(caller.checkIssued(authority) && caller.verify(authority.publicKey)).toBe(true);
    expect(config.callers[0]?.certificate_san).toEqual([caller.subjectAltName]);
  });

  it("make a server's certificate for the names it is reached by", async () => {
    const server = certificate(await deployment(), "certs/server/server.pem");
    expect([server.checkHost("assay"), server.checkHost("localhost"), server.checkIP("127.0.0.1")]).toEqual([
      "assay",
      "localhost",
      "127.0.0.1",
    ]);
  });

  it("hand the container no authority's key", async () => {
    const mounted = services.assay.volumes.map((volume) => volume.split(":")[0]);
    expect(mounted).toEqual(["./assay.yaml", "./certs/server", "assay-state"]);
    expect(execFileSync("ls", ["certs/server"], { cwd: await deployment(), encoding: "utf8" })).toBe(
      "ca.pem\nserver.key\nserver.pem\n",
    );
  });
});

describe("deploy/compose.yaml", () => {
  it("starts a Redis that Assay accepts as durable", async () => {
    const [, ...settings] = services.redis.command;
    const redis = await startRedisServer({ safe: false, extra: settings });
    onTestFinished(() => redis.remove());
    const store = await openRedisStore({
      url: redis.url,
      timeoutMs: 2_000,
      greatestLifetimeMs: 60_000,
      allowVolatile: false,
      attestDurable: false,
    });
    onTestFinished(() => store.close());
    expect(await store.problem()).toBeUndefined();
  });

  it("keeps Redis where nobody but Assay reaches it", () => {
    expect(services.redis.ports).toBeUndefined();
    expect(services.redis.networks.map((name) => networks[name])).toEqual([{ internal: true }]);
  });

  it("names images by their full version, as the Dockerfile does", () => {
    const version = z.object({ version: z.string() }).parse(JSON.parse(read("package.json"))).version;
    const bases = [...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases)).toEqual(new Set(["node:26.10.0-bookworm-slim"]));
    expect([services.assay.image, services.redis.image]).toEqual([
      `assay:${version}`,
      expect.stringMatching(/^redis:\d+\.\d+\.\d+-alpine$/),
    ]);
  });
});

async function deployment(): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(join(repository, "deploy/assay.yaml"), join(directory, "assay.yaml"));
  execFileSync(join(repository, "deploy/make-certificates.sh"), [join(directory, "certs")], { stdio: "pipe" });
  return directory;
}

function certificate(directory: string, path: string): X509Certificate {
  return new X509Certificate(readFileSync(join(directory, path)));
}

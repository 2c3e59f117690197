import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const repository = resolve(import.meta.dirname, "../..");
const bin = join(repository, "node_modules/.bin");

/** A tree in the shape of the house in which nothing is forbidden. */
const HONEST: Readonly<Record<string, readonly string[]>> = {
  "bin/assay.js": ["../src/cli/main.ts"],
  "src/main.ts": ["./compose/open-store.ts", "./config/load.ts", "./transport/grpc/serve.ts", "./telemetry/start.ts"],
  "src/compose/open-store.ts": [
    "../store/sqlite/open.ts",
    "../store/redis/open.ts",
    "../store/upstream/open.ts",
    "../keys/files.ts",
    "../console/open-console.ts",
  ],
  "src/compose/own-keys.ts": ["./open-store.ts", "../keys/files.ts"],
  "src/compose/open-crew.ts": ["../workers/crew.ts"],
  "src/core/error.ts": ["node:crypto", "jose"],
  "src/core/caller.ts": ["./error.ts"],
  "src/core/start-error.ts": [],
  "src/core/token/caller-secret.ts": ["node:crypto"],
  "src/gen/service.ts": ["@grpc/grpc-js", "@bufbuild/protobuf/wire"],
  "src/transport/grpc/serve.ts": ["../../core/caller.ts", "../../gen/service.ts", "@grpc/grpc-js", "node:tls"],
  "src/console/open-console.ts": ["./pages/overview.ts", "../core/caller.ts", "node:https"],
  "src/console/pages/overview.ts": ["../../core/caller.ts"],
  "src/console/browser/main.js": ["./plot.js"],
  "src/console/browser/plot.js": [],
  "src/store/durations.ts": ["../core/error.ts"],
  "src/store/sqlite/open.ts": ["node:sqlite", "../durations.ts", "../../core/error.ts"],
  "src/store/redis/open.ts": ["ioredis", "../durations.ts"],
  "src/store/upstream/open.ts": [
    "@grpc/grpc-js",
    "node:tls",
    "../durations.ts",
    "../../core/error.ts",
    "../../gen/service.ts",
  ],
  "src/keys/files.ts": ["node:fs/promises", "jose", "../core/error.ts"],
  "src/events/push.ts": ["node:https", "../core/error.ts", "../keys/reachable-address.ts"],
  "src/keys/reachable-address.ts": ["node:net"],
  "src/telemetry/start.ts": ["@opentelemetry/api", "pino", "../core/error.ts"],
  "src/workers/crew.ts": ["node:cluster", "zod", "../core/start-error.ts"],
  "src/workers/membership.ts": ["../core/error.ts"],
  "src/config/load.ts": ["yaml", "zod", "../core/caller.ts", "../core/start-error.ts"],
  "src/cli/main.ts": ["commander", "./serve.ts", "./keys.ts", "./revoke.ts"],
  "src/cli/serve.ts": ["../main.ts", "../config/load.ts", "../compose/open-crew.ts", "./serve-as-worker.ts"],
  "src/cli/serve-as-worker.ts": ["../main.ts", "../workers/membership.ts"],
  "src/cli/keys.ts": ["../compose/own-keys.ts"],
  "src/cli/revoke.ts": ["../gen/service.ts", "../core/token/caller-secret.ts"],
  "clients/typescript/src/client.ts": ["@grpc/grpc-js", "@bufbuild/protobuf/wire", "node:tls"],
  "clients/typescript/src/express.ts": ["./client.ts"],
  "clients/typescript/src/fastify.ts": ["./client.ts", "fastify"],
  "clients/typescript/src/hono.ts": ["./client.ts", "hono"],
};

/** Syntax that a tool older than the language stumbles over. */
const NEW_SYNTAX = "using nothing = undefined;";

/** Rule broken, by which file, importing what. */
const VIOLATIONS = [
  ["core-imports", "src/core/a.ts", "../store/durations.ts"],
  ["core-imports", "src/core/b.ts", "../transport/grpc/serve.ts"],
  ["core-imports", "src/core/c.ts", "@grpc/grpc-js"],
  ["core-imports", "src/core/d.ts", "@opentelemetry/api"],
  ["core-builtins", "src/core/e.ts", "node:fs"],
  ["gen-imports", "src/gen/a.ts", "../core/error.ts"],
  ["transport-imports", "src/transport/a.ts", "../store/durations.ts"],
  ["transport-imports", "src/transport/b.ts", "../telemetry/start.ts"],
  ["transport-imports", "src/transport/c.ts", "../config/load.ts"],
  ["transport-imports", "src/transport/d.ts", "../main.ts"],
  ["console-imports", "src/console/a.ts", "../store/durations.ts"],
  ["console-imports", "src/console/b.ts", "../transport/grpc/serve.ts"],
  ["console-imports", "src/console/c.ts", "./browser/plot.js"],
  ["console-imports", "src/console/pages/a.ts", "../../telemetry/start.ts"],
  ["console-browser-imports", "src/console/browser/a.js", "../pages/overview.ts"],
  ["store-sqlite-imports", "src/store/sqlite/a.ts", "../redis/open.ts"],
  ["store-redis-imports", "src/store/redis/a.ts", "../sqlite/open.ts"],
  ["store-redis-imports", "src/store/redis/b.ts", "../../config/load.ts"],
  ["store-redis-imports", "src/store/redis/d.ts", "@grpc/grpc-js"],
  ["store-sqlite-imports", "src/store/sqlite/b.ts", "../../gen/service.ts"],
  ["store-upstream-imports", "src/store/upstream/a.ts", "../redis/open.ts"],
  ["store-upstream-imports", "src/store/upstream/b.ts", "../../transport/grpc/serve.ts"],
  ["store-upstream-imports", "src/store/upstream/c.ts", "../../config/load.ts"],
  ["store-shared-imports", "src/store/a.ts", "./sqlite/open.ts"],
  ["store-shared-imports", "src/store/b.ts", "ioredis"],
  ["sqlite-in-its-store", "src/store/redis/c.ts", "node:sqlite"],
  ["keys-imports", "src/keys/a.ts", "../store/durations.ts"],
  ["keys-imports", "src/keys/b.ts", "../config/load.ts"],
  ["events-imports", "src/events/a.ts", "../keys/files.ts"],
  ["events-imports", "src/events/b.ts", "../telemetry/start.ts"],
  ["telemetry-imports", "src/telemetry/a.ts", "../transport/grpc/serve.ts"],
  ["telemetry-imports", "src/telemetry/b.ts", "@grpc/grpc-js"],
  ["workers-imports", "src/workers/a.ts", "../config/load.ts"],
  ["workers-imports", "src/workers/b.ts", "../transport/grpc/serve.ts"],
  ["config-imports", "src/config/a.ts", "../core/error.ts"],
  ["config-imports", "src/config/b.ts", "../store/durations.ts"],
  ["cli-imports", "src/cli/a.ts", "../main.ts"],
  ["cli-imports", "src/cli/b.ts", "../core/error.ts"],
  ["cli-imports", "src/cli/c.ts", "../keys/files.ts"],
  ["cli-imports", "src/cli/d.ts", "../transport/grpc/serve.ts"],
  ["cli-serve-imports", "src/cli/serve.ts", "../store/redis/open.ts"],
  ["cli-serve-imports", "src/cli/serve-as-worker.ts", "../workers/crew.ts"],
  ["cli-doctor-imports", "src/cli/doctor.ts", "../main.ts"],
  ["cli-fingerprint-imports", "src/cli/fingerprint.ts", "../core/derived-keys.ts"],
  ["cli-store-imports", "src/cli/store.ts", "../compose/open-store.ts"],
  ["cli-keys-imports", "src/cli/keys-rotate.ts", "../main.ts"],
  ["cli-keys-imports", "src/cli/keys-list.ts", "../compose/open-store.ts"],
  ["main-imports", "src/compose/a.ts", "../cli/revoke.ts"],
  ["main-imports", "src/compose/b.ts", "../gen/service.ts"],
  ["bin-imports", "bin/other.js", "../src/main.ts"],
  ["client-imports", "clients/typescript/src/a.ts", "../../../src/core/error.ts"],
  ["client-imports", "clients/typescript/src/b.ts", "fastify"],
  ["client-express-imports", "clients/typescript/src/express.ts", "hono"],
  ["client-fastify-imports", "clients/typescript/src/fastify.ts", "jose"],
  ["client-hono-imports", "clients/typescript/src/hono.ts", "fastify"],
  ["known-layers", "src/elsewhere/a.ts", "../core/error.ts"],
  ["production-packages", "src/compose/c.ts", "vitest"],
  ["no-circular", "src/core/circle-1.ts", "./circle-2.ts"],
  ["no-orphan", "src/core/orphan.ts", "nothing"],
  ["resolvable", "src/core/f.ts", "./absent.ts"],
] as const;

const verdict = z.object({
  summary: z.object({
    totalCruised: z.number(),
    ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string() })) }),
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

type Summary = z.infer<typeof verdict>["summary"];

describe("an honest tree", () => {
  it("passes, and is read", () => {
    const tree = plant(HONEST);
    const { summary } = cruise(tree);
    rmSync(tree, { recursive: true });
    expect(summary.violations).toEqual([]);
    expect(summary.totalCruised).toBeGreaterThan(Object.keys(HONEST).length);
  });

  it("passes as it is in this repository, and is read", () => {
    const { summary } = cruise(repository);
    expect(summary.violations).toEqual([]);
    expect(summary.totalCruised).toBeGreaterThan(20);
  });
});

describe("a planted violation", () => {
  let tree = "";
  let found: Summary["violations"] = [];
  let rules: Summary["ruleSetUsed"]["forbidden"] = [];

  beforeAll(() => {
    tree = plant(withViolations());
    const { summary } = cruise(tree);
    found = summary.violations;
    rules = summary.ruleSetUsed.forbidden;
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  it.each(VIOLATIONS)("of %s by %s importing %s is found", (rule, from) => {
    expect(found).toContainEqual({ from, rule: { name: rule } });
  });

  it("is the only kind found: the honest files around it stay clean", () => {
    const planted = new Set<string>([...VIOLATIONS.map(([, from]) => from), "src/core/circle-2.ts"]);
    expect(found.map(({ from }) => from).filter((from) => !planted.has(from))).toEqual([]);
  });

  it("exists for every rule", () => {
    const planted = new Set<string>(VIOLATIONS.map(([rule]) => rule));
    expect(rules.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  });

  it("makes the check fail", () => {
    expect(depcruise(tree, "err").status).toBeGreaterThan(0);
  });
});

function withViolations(): Record<string, readonly string[]> {
  const files: Record<string, readonly string[]> = { ...HONEST, "src/core/circle-2.ts": ["./circle-1.ts"] };
  for (const [, file, target] of VIOLATIONS) {
    files[file] = [...(files[file] ?? []), ...(target === "nothing" ? [] : [target])];
  }
  return files;
}

function plant(files: Readonly<Record<string, readonly string[]>>): string {
  const tree = mkdtempSync(join(tmpdir(), "assay-dependency-rules-"));
  for (const [file, targets] of Object.entries(files)) {
    mkdirSync(join(tree, dirname(file)), { recursive: true });
    const imports = targets.map((target) => `import ${typeOnly(file)}{ x } from "${target}";\n`);
    writeFileSync(join(tree, file), `${imports.join("")}{ ${NEW_SYNTAX} }\n`);
  }
  symlinkSync(join(repository, "node_modules"), join(tree, "node_modules"));
  symlinkSync(join(repository, "package.json"), join(tree, "package.json"));
  return tree;
}

/** Half of the imports are types only: they count too. */
function typeOnly(file: string): string {
  return /[ace]\.ts$/.test(file) ? "type " : "";
}

function cruise(directory: string): z.infer<typeof verdict> {
  return verdict.parse(JSON.parse(depcruise(directory, "json").stdout));
}

function depcruise(directory: string, output: string) {
  const rules = join(repository, ".dependency-cruiser.js");
  const directories = ["src", "bin", "clients/typescript/src"];
  return spawnSync(process.execPath, [join(bin, "depcruise"), "--config", rules, "-T", output, ...directories], {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
}

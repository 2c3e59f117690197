import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { recordEmitted, recordTokensIn } from "../support/leaks/record.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../..");
const API = "https://api.example";
const ALICE = { active: true, sub: "alice", aud: [API] };
const issued = z.object({ access_token: z.string() });

let scratch = "";
let unpacked = "";

/** What a user of the published package has: its files and its production dependencies, no sources, no tools. */
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "assay-package-"));
  unpacked = join(scratch, "package");
  await run("npm", ["pack", "--silent", "--pack-destination", scratch], { cwd: repository });
  const archive = readdirSync(scratch).find((name) => name.endsWith(".tgz")) ?? "";
  await run("tar", ["-xzf", join(scratch, archive), "-C", scratch]);
  cpSync(join(repository, "package-lock.json"), join(unpacked, "package-lock.json"));
  await run("npm", ["ci", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: unpacked });
}, 180_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it("holds what was built and no sources", () => {
  for (const built of ["dist/cli/main.js", "dist/console/browser/main.js"])
    expect(existsSync(join(unpacked, built))).toBe(true);
  expect(
    ["src", "test", "node_modules/node", "node_modules/typescript"].map((path) => existsSync(join(unpacked, path))),
  ).toEqual([false, false, false, false]);
});

it("prints its help", async () => {
  expect((await assay({}, "--help")).stdout).toContain("serve");
});

it("serves from the embedded store", async () => {
  expect(await introspectOneOfItsOwn("sqlite:./data/assay.db")).toMatchObject(ALICE);
});

it("serves from Redis, whose scripts the build must bring along", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  expect(await introspectOneOfItsOwn(redis.url)).toMatchObject(ALICE);
});

async function introspectOneOfItsOwn(store: string): Promise<unknown> {
  const cwd = await temporaryDirectory();
  const address = `unix:${join(cwd, "assay.sock")}`;
  const env = { ASSAY_LISTEN_ADDRESS: address, ASSAY_ADDRESS: address, ASSAY_STORE_URL: store };
  await serve(cwd, env);
  const issue = ["issue", "--client", "dev", "--subject", "alice", "--audience", API, "--refresh", "--json"];
  const { stdout } = await assay(env, ...issue);
  recordTokensIn(stdout);
  const { access_token: token } = issued.parse(JSON.parse(stdout));
  return JSON.parse((await assay(env, "introspect", token, "--json")).stdout);
}

async function serve(cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [join(unpacked, "bin/assay.js"), "serve"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => stop(child));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      recordEmitted("server output", text);
    });
  }
  await until("the service serves", async () => {
    if (child.exitCode !== null) throw new Error(`the service ended: ${output}`);
    return assay(env, "health").then(
      () => true,
      () => undefined,
    );
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}

function assay(env: NodeJS.ProcessEnv, ...parameters: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [join(unpacked, "bin/assay.js"), ...parameters], { env: { ...process.env, ...env } });
}

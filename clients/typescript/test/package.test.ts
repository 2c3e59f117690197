/** What a user of the published package has: what was built, its types, and a README that works. */
import { execFile } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { assay } from "../../../test/cli/run-assay.ts";
import { serveByCli } from "../../../test/wire/cli-server.ts";

const run = promisify(execFile);
const directory = resolve(import.meta.dirname, "..");
const repository = resolve(directory, "../..");
const readme = readFileSync(join(directory, "README.md"), "utf8");

let user = "";
let installed = "";

beforeAll(async () => {
  user = mkdtempSync(join(tmpdir(), "assay-client-"));
  installed = join(user, "node_modules/@assay/client");
  await run("npm", ["pack", "--silent", "--pack-destination", user], { cwd: directory });
  const archive = readdirSync(user).find((name) => name.endsWith(".tgz")) ?? "";
  await run("tar", ["-xzf", join(user, archive), "-C", user]);
  mkdirSync(join(user, "node_modules/@assay"), { recursive: true });
  renameSync(join(user, "package"), installed);
  // In place of an installation from a registry.
  for (const name of ["@bufbuild", "@grpc", "@types", "express", "fastify", "hono"])
    symlinkSync(join(repository, "node_modules", name), join(user, "node_modules", name));
}, 120_000);
afterAll(() => rmSync(user, { recursive: true, force: true }));

test("it holds what was built, and no sources", () => {
  expect(existsSync(join(installed, "dist/index.js"))).toBe(true);
  expect(globSync("**/*.ts", { cwd: installed }).filter((name) => !name.endsWith(".d.ts"))).toEqual([]);
});

test("the session of the README prints what it says", async () => {
  const served = await serveByCli();
  const issue = [
    "issue",
    "--client",
    "dev",
    "--subject",
    "alice",
    "--audience",
    "https://api.example",
    "--scope",
    "read",
  ];
  const { stdout: issued } = await assay([...issue, "--json", "--address", served.address]);
  const { access_token: token } = z.object({ access_token: z.string() }).parse(JSON.parse(issued));
  const [session = ""] = blocksOf("js");
  writeFileSync(join(user, "session.mjs"), session.replace("127.0.0.1:50051", served.address));
  const { stdout } = await run(process.execPath, ["session.mjs"], { cwd: user, env: { ...process.env, TOKEN: token } });
  expect(stdout).toBe("active, for alice\n");
  expect(readme).toContain(`\`${stdout.trim()}\``);
});

test("every example of the README is sound TypeScript", async () => {
  const examples = blocksOf("ts");
  for (const [index, text] of examples.entries()) writeFileSync(join(user, `example-${index}.mts`), text);
  const options = { target: "es2024", module: "nodenext", strict: true, noEmit: true, types: ["node"] };
  writeFileSync(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.mts"] }));
  const checked = await run(join(repository, "node_modules/.bin/tsc"), ["--project", user]).catch(
    (error: unknown) => error,
  );
  expect(checked).toMatchObject({ stdout: "" });
  expect(examples.length).toBeGreaterThan(4);
});

function blocksOf(language: string): string[] {
  return readme
    .split("```")
    .filter((_, index) => index % 2 === 1)
    .flatMap((block) => {
      const [first, ...lines] = block.split("\n");
      return first === language ? [lines.join("\n")] : [];
    });
}

import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isCallerSecret } from "../../src/core/token/caller-secret.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assay } from "./run-assay.ts";

async function folderWith(yaml: string): Promise<string> {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, "assay.yaml"), yaml);
  return folder;
}

describe("config check", () => {
  test("says that there is no mistake, and which safety settings are off", async () => {
    const { code, stdout } = await assay(["config", "check"], { cwd: await temporaryDirectory() });
    expect(code).toBe(0);
    expect(stdout).toContain("The built-in development configuration has no mistakes.");
    expect(stdout).toContain("- development: whoever reaches the address is a caller with every permission");
  });

  test("lists every mistake on standard error and exits with 2", async () => {
    const cwd = await folderWith("issuer: http://a.example\nlog: { level: loud }\nisuer: x\n");
    const { code, stderr } = await assay(["config", "check"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/has 4 mistakes:\n {2}- log\.level .*\n {2}- isuer .*\n {2}- issuer .*\n {2}- callers/);
  });

  test("--json lists them with path and message", async () => {
    const cwd = await folderWith("development: true\nissuer: ftp://a\n");
    const { code, stdout } = await assay(["config", "check", "--json"], { cwd });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, mistakes: [{ path: "issuer", where: "line 2, column 9" }] });
  });

  test("warns of environment variables that set nothing", async () => {
    const cwd = await temporaryDirectory();
    const { stdout } = await assay(["config", "check", "--json"], { cwd, env: { ASSAY_LOG_LEVLE: "debug" } });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, warnings: [expect.stringContaining("ASSAY_LOG_LEVEL")] });
  });
});

test("config schema prints a JSON Schema", async () => {
  const { code, stdout } = await assay(["config", "schema"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining("2020-12"), required: ["issuer"] });
});

test("config secret makes a secret that Assay recognises, with its digest for the configuration", async () => {
  const { stdout } = await assay(["config", "secret", "--json"]);
  const { secret, secret_sha256: digest }: { secret: string; secret_sha256: string } = JSON.parse(stdout);
  expect(isCallerSecret(secret)).toBe(true);
  expect(digest).toBe(createHash("sha256").update(secret).digest("hex"));
});

test("config secret prints the line for the configuration", async () => {
  const { stdout } = await assay(["config", "secret"]);
  expect(stdout).toMatch(/ asy_cs_\w+\n/);
  expect(stdout).toMatch(/^ {2}secret_sha256: \["[0-9a-f]{64}"\]$/m);
});

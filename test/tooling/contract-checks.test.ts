import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const COPIED = [
  "proto",
  "src/gen",
  "clients/typescript/src/gen",
  "scripts/check-generated.ts",
  "buf.yaml",
  "buf.gen.yaml",
  "package.json",
];

let copy = "";

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "assay-contract-"));
  for (const path of COPIED) cpSync(join(repository, path), join(copy, path), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
});
afterEach(() => rmSync(copy, { recursive: true }));

describe("the contract's check", () => {
  it("passes on the contract as it is", () => {
    expect(runScript("buf")).toMatchObject({ status: 0 });
  });

  it("catches a removed field", () => {
    edit("proto/assay/v1/token_service.proto", (text) => text.replace("  bool active = 1;\n", ""));
    expect(refusal("buf")).toMatch(/Previously present field "1" with name "active"/);
  });

  it("catches a changed type", () => {
    edit("proto/assay/v1/token_service.proto", (text) => text.replace("optional int64 exp", "optional string exp"));
    expect(refusal("buf")).toMatch(/changed type from "int64" to "string"/);
  });

  it("catches a field without a comment", () => {
    edit("proto/assay/v1/token_service.proto", (text) => `${text}\n// Has one.\nmessage Bare {\n  bool bare = 1;\n}\n`);
    expect(refusal("buf")).toMatch(/Field "bare" should have a non-empty comment/);
  });
});

describe("the check of the generated code", () => {
  it("passes on the code as it is", () => {
    expect(runScript("generate:check")).toMatchObject({ status: 0 });
  });

  it("catches a generated file that was edited", () => {
    appendFileSync(join(copy, "src/gen/assay/v1/token_service.ts"), "// by hand\n");
    expect(refusal("generate:check")).toContain("src/gen/assay/v1/token_service.ts");
  });

  it("catches a contract that was changed without generating", () => {
    edit("proto/assay/v1/error_reason.proto", (text) => text.replace("ERROR_REASON_INTERNAL", "ERROR_REASON_INNER"));
    expect(refusal("generate:check")).toContain("src/gen/assay/v1/error_reason.ts");
  });
});

function edit(file: string, change: (text: string) => string): void {
  const before = readFileSync(join(copy, file), "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(copy, file), after);
}

function refusal(script: string): string {
  const { status, output } = runScript(script);
  expect(status).toBeGreaterThan(0);
  return output;
}

function runScript(script: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--run", script], { cwd: copy, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

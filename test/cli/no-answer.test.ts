import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assay } from "./run-assay.ts";

/** Commands that ask the service, with all that they need. */
const COMMANDS: ReadonlyArray<[string, string[]]> = [
  ["introspect", ["introspect", "token"]],
  ["issue", ["issue", "--client", "a", "--subject", "b", "--audience", "c"]],
  ["refresh", ["refresh", "token", "--client", "a"]],
  ["exchange", ["exchange", "--client", "a", "--subject-token", "b", "--audience", "c"]],
  ["revoke", ["revoke", "--sid", "a"]],
  ["watch", ["watch"]],
  ["health", ["health"]],
];

describe("a service that does not answer is exit code 3", () => {
  test.each(COMMANDS)("%s: nothing listens there", async (_name, words) => {
    const address = `unix:${join(await temporaryDirectory(), "absent.sock")}`;
    const { code, stdout, stderr } = await assay([...words, "--address", address]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(`Nothing listens at ${address}. Is it running?`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("what listens there says nothing until the deadline", async () => {
    const socket = await silentListener();
    const { code, stderr } = await assay(["introspect", "token", "--timeout", "300ms", "--address", socket]);
    expect(code).toBe(3);
    expect(stderr).toContain("DEADLINE_EXCEEDED");
    expect(stderr).toContain("--timeout");
  });

  test("--json says it as JSON on standard error", async () => {
    const address = `unix:${join(await temporaryDirectory(), "absent.sock")}`;
    const { code, stdout, stderr } = await assay(["introspect", "token", "--json"], {
      env: { ASSAY_ADDRESS: address },
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { status: "UNAVAILABLE", hint: expect.stringContaining(address) },
    });
  });
});

describe("a caller's secret", () => {
  const elsewhere = ["introspect", "token", "--address", "assay.example:50051"];

  test.each([
    ["by environment", async () => ({ words: elsewhere, env: { ASSAY_SECRET: "asy_cs_hunter2" } })],
    [
      "by file",
      async () => ({ words: [...elsewhere, "--secret-file", await secretFile("asy_cs_hunter2\n")], env: {} }),
    ],
  ])("%s does not travel to another machine in plaintext", async (_how, given) => {
    const { words, env } = await given();
    const { code, stderr } = await assay(words, { env });
    expect(code).toBe(2);
    expect(stderr).toContain("would travel to assay.example:50051 in plaintext");
    expect(stderr).not.toContain("hunter2");
  });

  test("with characters that no secret has is not repeated in the error", async () => {
    const { code, stderr } = await assay(["introspect", "token"], { env: { ASSAY_SECRET: "hunter2\u00e9" } });
    expect(code).toBe(2);
    expect(stderr).not.toContain("hunter2");
  });

  test("in an empty file is bad usage, and not a call without one", async () => {
    const { code, stderr } = await assay(["introspect", "token", "--secret-file", await secretFile("\n")]);
    expect(code).toBe(2);
    expect(stderr).toContain("is empty");
  });
});

async function secretFile(content: string): Promise<string> {
  const file = join(await temporaryDirectory(), "secret");
  await writeFile(file, content);
  return file;
}

/** Accepts connections and leaves them at that. */
async function silentListener(): Promise<string> {
  const path = join(await temporaryDirectory(), "silent.sock");
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  onTestFinished(() => {
    server.close();
  });
  server.listen(path);
  await once(server, "listening");
  return `unix:${path}`;
}

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { API, startServer, type TestServer } from "../support/server.ts";
import { assay } from "./run-assay.ts";

const MINT = { client_id: "web", subject: "alice", audience: [API] };
const told = z.looseObject({ family: z.string(), from: z.iso.datetime(), until: z.iso.datetime() });
const PERIOD = "300d";

/** The environment of an operator beside a server that runs. */
function beside({ directory }: TestServer, period = "0s"): NodeJS.ProcessEnv {
  return {
    ASSAY_STORE_URL: `sqlite:${directory}/assay.db`,
    ASSAY_KEYS_DIR: `${directory}/keys`,
    ASSAY_ISSUER: "https://assay.example",
    ASSAY_TELEMETRY_FINGERPRINT_PERIOD: period,
  };
}

function onlyAuditEvent(server: TestServer): unknown {
  const lines = server.log().split("\n");
  return lines.filter((line) => line.includes('"msg":"audit: ')).map((line) => JSON.parse(line))[0];
}

describe("fingerprint", () => {
  test.each(["0s", PERIOD])("says what the trail exports, of whoever is named, with a period of %s", async (period) => {
    const server = await startServer({ log: { audit: true }, telemetry: { fingerprint_period: period } });
    const { sid } = await server.client().issue({ mint: MINT });
    const words = ["fingerprint", "--sid", sid, "--subject", "alice", "--json"];
    const { code, stdout } = await assay(words, { env: beside(server, period) });
    expect(code).toBe(0);
    const { family, subject }: Record<string, unknown> = JSON.parse(stdout);
    expect(onlyAuditEvent(server)).toMatchObject({
      "assay.family.fingerprint": family,
      "assay.subject.fingerprint": subject,
    });
  });

  test("says it as it was before the last change, so that a family can be followed across it", async () => {
    const server = await startServer();
    const env = beside(server, PERIOD);
    const asked = async (...more: string[]) =>
      told.parse(JSON.parse((await assay(["fingerprint", "--sid", "0197", "--json", ...more], { env })).stdout));
    const now = await asked();
    const before = await asked("--at", String(Math.floor(Date.parse(now.from) / 1_000) - 1));
    expect(before.until).toBe(now.from);
    expect(before.family).not.toBe(now.family);
    expect((await asked("--at", now.from)).family).toBe(now.family);
  });

  test("says it in words too, and refuses to guess what is meant", async () => {
    const env = beside(await startServer());
    expect((await assay(["fingerprint", "--key-id", "k"], { env })).stdout).toMatch(/^ {2}key {2}[0-9a-f]{16}\n$/);
    const { code, stderr } = await assay(["fingerprint"], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining("name what to look for: --jti, --sid")]);
  });

  test("refuses where the keys are not to be had", async () => {
    const { ASSAY_KEYS_DIR: _keys, ...env } = beside(await startServer());
    const { code, stderr } = await assay(["fingerprint", "--jti", "x"], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining("Name it in keys.master_key_file")]);
  });
});

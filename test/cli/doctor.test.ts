import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { foreignKeyPair } from "../keys/foreign-key-pair.ts";
import { json, startKeyServer } from "../keys/key-server.ts";
import { makeCertificates } from "../support/certificates.ts";
import { startEventReceiver, tellTo } from "../support/event-receiver.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assay } from "./run-assay.ts";

const report = z.object({
  ok: z.boolean(),
  findings: z.array(z.strictObject({ subject: z.string(), state: z.string(), says: z.string() })),
});

const one = await foreignKeyPair("ES256", "one");

describe("assay doctor", () => {
  test("finds nothing wrong where the keys of every issuer can be had, and says how many", async () => {
    const { directory, issuer } = await withIssuer(json({ keys: [one.publicJwk] }));
    const { code, ok, findings } = await doctor(directory, { issuers: [issuer] });
    expect([code, ok]).toEqual([0, true]);
    expect(findings).toContainEqual({
      subject: "issuer https://idp.example",
      state: "ok",
      says: expect.stringMatching(/^1 keys, from http:.*\/jwks\.$/),
    });
  });

  test("names a key that is not trusted, and why", async () => {
    const { directory, issuer } = await withIssuer(json({ keys: [one.publicJwk, { kty: "oct", k: "c2VjcmV0" }] }));
    const { code, findings } = await doctor(directory, { issuers: [issuer] });
    expect(code).toBe(0);
    expect(sayings(findings, "warning")).toContainEqual(expect.stringContaining("the key at index 1 is symmetric"));
    expect(JSON.stringify(findings)).not.toContain("c2VjcmV0");
  });

  test.each<[string, Parameters<typeof withIssuer>[0], string]>([
    ["is not found", (_request, response) => response.writeHead(404).end(), "answered 404"],
    ["is nonsense", (_request, response) => response.end("<html>"), "not JSON"],
    ["is empty", json({ keys: [] }), "no key that could be used"],
  ])("exits 1 where a key set %s, and says how to mend it", async (_, answer, says) => {
    const { directory, issuer } = await withIssuer(answer);
    const { code, ok, findings } = await doctor(directory, { issuers: [issuer] });
    expect([code, ok]).toEqual([1, false]);
    expect(sayings(findings, "fault")).toEqual([expect.stringContaining(says)]);
  });

  test("exits 1 where an issuer's name leads to a private address", async () => {
    const directory = await temporaryDirectory();
    const issuer = { issuer: "https://localhost", discovery: true, algorithms: ["ES256"], audiences: ["a"] };
    const { code, findings } = await doctor(directory, { issuers: [issuer] });
    expect(code).toBe(1);
    expect(sayings(findings, "fault")).toEqual([expect.stringContaining("allow_private_addresses")]);
  });

  test("warns of a certificate that expires within two weeks", async () => {
    const directory = await temporaryDirectory();
    const { server } = await makeCertificates(directory);
    const tls = { certificate: server.certificateFile, key: server.keyFile };
    const { code, findings } = await doctor(directory, { listen: { address: "127.0.0.1:0", tls } });
    expect(code).toBe(0);
    expect(sayings(findings, "warning")).toContainEqual(expect.stringMatching(/expires in \d days\. Renew it\.$/));
  });

  test("exits 1 where the private key is another certificate's", async () => {
    const directory = await temporaryDirectory();
    const certificates = await makeCertificates(directory);
    const { server } = certificates;
    const tls = { certificate: server.certificateFile, key: (await certificates.client("")).keyFile };
    const { code, findings } = await doctor(directory, { listen: { address: "127.0.0.1:0", tls } });
    expect(code).toBe(1);
    expect(sayings(findings, "fault")).toEqual([expect.stringContaining("Put the two that belong together")]);
  });

  test("says whether receivers of events can be reached, and sends them nothing", async () => {
    const [receiver, gone] = await Promise.all([startEventReceiver(), startEventReceiver()]);
    await gone.down();
    const strange = { url: receiver.url, caFile: gone.caFile };
    const receivers = [
      ...(tellTo(receiver).receivers ?? []),
      ...(tellTo(gone, { name: "gone" }).receivers ?? []),
      ...(tellTo(strange, { name: "strange" }).receivers ?? []),
    ];
    const { code, findings } = await doctor(await temporaryDirectory(), { events: { receivers } });
    expect(code).toBe(0);
    expect(findings.filter(({ subject }) => subject.startsWith("receiver "))).toEqual([
      { subject: "receiver siem", state: "ok", says: expect.stringContaining("can be reached") },
      { subject: "receiver gone", state: "warning", says: expect.stringContaining("(ECONNREFUSED)") },
      { subject: "receiver strange", state: "warning", says: expect.stringMatching(/\(\w*(CERT|ISSUER|SIGNATURE)/) },
    ]);
    expect(receiver.delivered).toEqual([]);
  });

  test("exits 1 where the store cannot be reached", async () => {
    const directory = await temporaryDirectory();
    const { code, findings } = await doctor(directory, { store: "redis://127.0.0.1:1" });
    expect(code).toBe(1);
    expect(sayings(findings, "fault").join()).toContain("127.0.0.1:1");
  });

  test("says every mistake of the configuration, and looks no further", async () => {
    const { code, findings } = await doctor(await temporaryDirectory(), { issuer: "auth", lissten: {} });
    expect(code).toBe(1);
    expect(findings.map(({ subject, state }) => [subject, state])).toEqual(
      findings.map(() => ["configuration", "fault"]),
    );
    expect(findings.length).toBeGreaterThan(1);
  });

  test("speaks in lines to a reader", async () => {
    const { stdout, code } = await assay(["doctor"], { cwd: await temporaryDirectory() });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok +configuration: /);
  });
});

type Findings = z.output<typeof report>["findings"];

async function withIssuer(answer: ReturnType<typeof json>) {
  const server = await startKeyServer();
  server.answers.set("/jwks", answer);
  const jwks_uri = `${server.origin}/jwks`;
  const trust = { algorithms: ["ES256"], audiences: ["a"], allow_http_loopback: true };
  return { directory: await temporaryDirectory(), issuer: { issuer: "https://idp.example", jwks_uri, ...trust } };
}

async function doctor(
  cwd: string,
  settings: object,
): Promise<{ code: number | null; ok: boolean; findings: Findings }> {
  const base = { development: true, issuer: "http://127.0.0.1:50051" };
  await writeFile(join(cwd, "assay.yaml"), stringify({ ...base, ...settings }));
  const { code, stdout } = await assay(["doctor", "--json"], { cwd });
  return { code, ...report.parse(JSON.parse(stdout)) };
}

function sayings(findings: Findings, state: string): string[] {
  return findings.filter((finding) => finding.state === state).map(({ says }) => says);
}

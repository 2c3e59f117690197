import { expect, test } from "vitest";
import type { Context, Proof } from "../../src/gen/assay/v1/token_service.ts";
import { checkProof, proofToCore } from "../../src/transport/grpc/presented-proof.ts";
import { gatherViolations } from "../../src/transport/grpc/violations.ts";

const HASH = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
const OWN = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
const NOTHING = { requestId: undefined, callerCertificate: undefined };
const PROOF: Proof = { dpop: "", client_certificate_sha256: "" };
const CONTEXT: Context = { client_ip: "", user_agent: "", http_method: "", http_uri: "" };

function faults(message: { proof?: Partial<Proof>; context?: Partial<Context> }): string[] {
  const violations = gatherViolations();
  checkProof(violations, "refresh.", {
    proof: { ...PROOF, ...message.proof },
    context: { ...CONTEXT, ...message.context },
  });
  return violations.error().fields.map(({ field, description }) => `${field} ${description}`);
}

test.each<[string, Parameters<typeof faults>[0], string]>([
  [
    "an address whose zone goes on and on",
    { context: { client_ip: `fe80::1%${"x".repeat(64)}` } },
    "refresh.context.client_ip must be an IP address",
  ],
  ["an address that is none", { context: { client_ip: "here" } }, "refresh.context.client_ip must be an IP address"],
  [
    "a user agent of 513 bytes",
    { context: { user_agent: "a".repeat(513) } },
    "refresh.context.user_agent must be at most 512 bytes",
  ],
  [
    "a method of 65 bytes",
    { context: { http_method: "a".repeat(65) } },
    "refresh.context.http_method must be at most 64 bytes",
  ],
  [
    "a URI of more than 8 KiB",
    { context: { http_uri: "a".repeat(8_193) } },
    "refresh.context.http_uri must be at most 8192 bytes",
  ],
  [
    "a certificate's hash in hex",
    { proof: { client_certificate_sha256: "ab".repeat(32) } },
    "refresh.proof.client_certificate_sha256 must be the base64url of a SHA-256: 43 characters without padding",
  ],
])("%s is the caller's mistake", (_what, message, fault) => {
  expect(faults(message)).toEqual([fault]);
});

test("whatever a client may have sent is no mistake of the caller's", () => {
  const context = { http_method: "", http_uri: "not a URI\n", user_agent: "\u0007" };
  expect(faults({ context, proof: { dpop: "garbage ".repeat(10_000) } })).toEqual([]);
});

test("nothing presented is nothing", () => {
  expect(proofToCore({ proof: undefined, context: undefined }, NOTHING)).toEqual({});
  expect(proofToCore({ proof: PROOF, context: CONTEXT }, NOTHING)).toEqual({});
});

test("half a request is none", () => {
  expect(proofToCore({ proof: PROOF, context: { ...CONTEXT, http_method: "GET" } }, NOTHING)).toEqual({});
});

test("everything is translated, and the proof cannot be printed", () => {
  const proof = { dpop: "ey.a.proof", client_certificate_sha256: HASH };
  const context = { ...CONTEXT, http_method: "GET", http_uri: "https://api.example/" };
  const presented = proofToCore({ proof, context }, { requestId: "r-1", callerCertificate: OWN });
  expect(presented).toMatchObject({
    clientCertificate: HASH,
    callerCertificate: OWN,
    requestId: "r-1",
    http: { method: "GET", uri: "https://api.example/" },
  });
  expect(presented.dpop?.reveal()).toBe("ey.a.proof");
  expect(JSON.stringify(presented)).not.toContain("ey.a.proof");
});

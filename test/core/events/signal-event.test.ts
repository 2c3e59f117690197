import { expect, test } from "vitest";
import { securityEventClaims } from "../../../src/core/events/security-event-token.ts";
import { signalEvent } from "../../../src/core/events/signal-event.ts";
import { ISSUER, START } from "../../support/core-environment.ts";

const SIGNAL = { id: "0", at: START + 999, kind: "bad_token_burst", severity: "warning", caller: "api" } as const;

test("a signal about a token is about its fingerprints", () => {
  const fingerprints = { tokenFingerprint: "t", familyFingerprint: "f", subjectFingerprint: "s" };
  const { subject, details } = signalEvent({ ...SIGNAL, ...fingerprints, networkFingerprint: "n", clientId: "web" });
  expect(subject).toEqual({
    format: "complex",
    token: { format: "opaque", id: "t" },
    session: { format: "opaque", id: "f" },
    user: { format: "opaque", id: "s" },
  });
  expect(details).toMatchObject({ client_id: "web", family_fingerprint: "f", network_fingerprint: "n" });
});

test("a signal about no token is about the caller, and says what it counts", () => {
  const { subject, details } = signalEvent({ ...SIGNAL, count: 200, windowMs: 60_000, action: "revoke_token" });
  expect(subject).toEqual({ format: "complex", caller: { format: "opaque", id: "api" } });
  expect(details).toEqual({
    id: "0",
    kind: "bad_token_burst",
    severity: "warning",
    caller: "api",
    count: 200,
    window: 60,
    action: "revoke_token",
  });
});

test("its token has one event, whole seconds, and nothing that an access token has", () => {
  const claims = securityEventClaims(ISSUER, signalEvent(SIGNAL), { audience: "siem", jti: "j", txn: "x" });
  expect(claims).toEqual({
    iss: ISSUER,
    iat: START / 1_000,
    jti: "j",
    aud: "siem",
    txn: "x",
    sub_id: { format: "complex", caller: { format: "opaque", id: "api" } },
    events: { "urn:assay:event:signal": expect.objectContaining({ event_timestamp: START / 1_000, id: "0" }) },
  });
});

test("a signal that a verifier has reported says so: it is that verifier's word alone", () => {
  expect(signalEvent({ ...SIGNAL, reportedBy: "sidecar" }).details).toMatchObject({ reported_by: "sidecar" });
  expect(signalEvent(SIGNAL).details).not.toHaveProperty("reported_by");
});

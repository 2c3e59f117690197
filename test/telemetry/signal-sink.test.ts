import { expect, test } from "vitest";
import type { Finding, Signal } from "../../src/core/signals/signal.ts";
import { auditTrail } from "../../src/telemetry/audit-trail.ts";
import { signalSink } from "../../src/telemetry/signal-sink.ts";
import { until } from "../support/until.ts";

const FINDING: Finding = {
  kind: "audience_probing",
  severity: "warning",
  caller: "api",
  clientId: "web",
  detail: "a word",
  count: 20,
  windowMs: 120_000,
  action: "revoke_token",
  tokenFingerprint: "0123456789abcdef",
  familyFingerprint: "123456789abcdef0",
  subjectFingerprint: "23456789abcdef01",
  networkFingerprint: "3456789abcdef012",
};

async function toldOf(finding: Finding): Promise<{ line: object; signal: Signal }> {
  const lines: object[] = [];
  const signals: Signal[] = [];
  const write = (fields: object): void => void lines.push(fields);
  signalSink({ info: write, warn: write, error: write }, auditTrail(), (signal) => signals.push(signal)).emit(finding);
  const signal = await until("it is told", () => signals[0]);
  return { line: { ...lines[0] }, signal };
}

test("all that a finding says has an attribute, and the signal the same id everywhere", async () => {
  const { line, signal } = await toldOf(FINDING);
  expect(signal).toEqual({ ...FINDING, id: expect.stringMatching(/^[0-9a-f-]{36}$/), at: expect.any(Number) });
  expect(line).toEqual({
    "assay.audit.sequence": 1,
    "assay.signal.id": signal.id,
    "assay.signal.kind": "audience_probing",
    "assay.signal.severity": "warning",
    "assay.signal.detail": "a word",
    "assay.signal.count": 20,
    "assay.signal.window_ms": 120_000,
    "assay.signal.action": "revoke_token",
    "assay.caller": "api",
    "assay.client_id": "web",
    "assay.token.fingerprint": "0123456789abcdef",
    "assay.family.fingerprint": "123456789abcdef0",
    "assay.subject.fingerprint": "23456789abcdef01",
    "assay.network.fingerprint": "3456789abcdef012",
  });
});

test("what it does not say has none", async () => {
  const { line, signal } = await toldOf({ kind: "store_rollback", severity: "critical", caller: "api" });
  expect(JSON.parse(JSON.stringify(line))).toEqual({
    "assay.audit.sequence": 1,
    "assay.signal.id": signal.id,
    "assay.signal.kind": "store_rollback",
    "assay.signal.severity": "critical",
    "assay.caller": "api",
  });
});

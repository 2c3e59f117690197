import { type Span, trace } from "@opentelemetry/api";
import { afterEach, expect, test, vi } from "vitest";
import type { AuditEvent } from "../../src/core/audit.ts";
import { auditSink } from "../../src/telemetry/audit-sink.ts";
import { auditTrail } from "../../src/telemetry/audit-trail.ts";
import { until } from "../support/until.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** As in a call whose span is recorded. @returns how often the event was made before the answer and in all, and what the span was told */
async function told(outcome: AuditEvent["outcome"]) {
  const attributes: object[] = [];
  const lines: object[] = [];
  let made = 0;
  const span: Pick<Span, "isRecording"> & { setAttributes(some: object): void } = {
    isRecording: () => true,
    setAttributes: (some) => void attributes.push(some),
  };
  vi.spyOn(trace, "getActiveSpan").mockReturnValue(Object.assign(Object.create(null), span));
  const sink = auditSink(auditTrail(), { info: (fields) => void lines.push(fields) });
  const event = (): AuditEvent => {
    made += 1;
    return { kind: "token_issued", outcome, caller: "api", format: "jwt", tokenFingerprint: "0123456789abcdef" };
  };
  sink.tell(event, outcome === "refused" ? "not_done" : "done");
  const atOnce = made;
  await until("it is written", () => lines[0]);
  return { atOnce, made, attributes };
}

test("what was done is made once, and is on the span of its call", async () => {
  const { atOnce, made, attributes } = await told("done");
  expect([atOnce, made]).toEqual([1, 1]);
  expect(attributes).toMatchObject([{ "assay.token.format": "jwt", "assay.token.fingerprint": "0123456789abcdef" }]);
});

test("what was refused is made after the answer, and is on no span", async () => {
  expect(await told("refused")).toEqual({ atOnce: 0, made: 1, attributes: [] });
});

import { describe, expect, test } from "vitest";
import { readSignal } from "../../../src/core/signals/read-signal.ts";
import { SIGNAL_KINDS } from "../../../src/core/signals/signal.ts";
import { aSignal } from "../../support/signals.ts";

const FINGERPRINT = "0123456789abcdef";

test("a signal of any kind comes through as it was, with all that it may hold", () => {
  for (const kind of SIGNAL_KINDS) {
    const signal = aSignal({
      kind,
      severity: "critical",
      detail: "stale_generation",
      familyFingerprint: FINGERPRINT,
      subjectFingerprint: FINGERPRINT,
      networkFingerprint: FINGERPRINT,
      action: "revoke_family",
      reportedBy: "sidecar",
    });
    expect(readSignal(JSON.parse(JSON.stringify(signal)))).toEqual(signal);
  }
});

test("what else it holds is left out", () => {
  const signal = aSignal();
  const more = JSON.parse(
    JSON.stringify({ ...signal, token: "asy_at_x" }).replace("{", '{"__proto__":{"action":"x"},'),
  );
  expect(readSignal(more)).toEqual(signal);
});

describe("it is none", () => {
  test.each([
    ["nothing", undefined],
    ["a text", "x"],
    ["a list", [aSignal()]],
    ["without an id", { ...aSignal(), id: undefined }],
  ])("%s", (_what, value) => expect(readSignal(value)).toBeUndefined());

  test.each<[string, object]>([
    ["an id that is no UUID", { id: "1" }],
    ["a time that is no number", { at: "now" }],
    ["a time that no date is", { at: 1e300 }],
    ["a time after the last date", { at: 8_640_000_000_000_001 }],
    ["an unknown kind", { kind: "call_me" }],
    ["the kind of an object", { kind: "constructor" }],
    ["an unknown severity", { severity: "fatal" }],
    ["a caller without a name", { caller: "" }],
    ["a caller that forges a line", { caller: "api\nsignal: none" }],
    ["a caller that commands a terminal", { caller: "\u001B[2J" }],
    ["a caller that is read backwards", { caller: "a\u202Eb" }],
    ["a caller that is no text", { caller: "\uD800" }],
    ["a client that goes on and on", { clientId: "x".repeat(256) }],
    ["a detail that is a sentence", { detail: "call this number" }],
    ["a count below nothing", { count: -1 }],
    ["a window that is no number", { windowMs: "60" }],
    ["a token where its fingerprint belongs", { tokenFingerprint: "asy_at_x" }],
    ["an address where a fingerprint belongs", { networkFingerprint: "192.0.2.1" }],
    ["an unknown action", { action: "revoke_everything" }],
  ])("%s", (_what, changes) => expect(readSignal({ ...aSignal(), ...changes })).toBeUndefined());
});

import { expect, test } from "vitest";
import { jsonOf, lineOf } from "../../src/cli/told-signal.ts";
import { SIGNAL_KINDS } from "../../src/core/signals/signal.ts";
import { signalToMessage } from "../../src/transport/grpc/signal-message.ts";
import { aSignal } from "../support/signals.ts";

const AT = Date.UTC(2026, 10, 22, 15, 45, 42, 7);
const FINGERPRINT = "0123456789abcdef";

test("a line says when, how much it matters, what it was, how often, and by what it can be followed", () => {
  const signal = aSignal({ at: AT, familyFingerprint: FINGERPRINT, reportedBy: "sidecar", action: "revoke_family" });
  expect(lineOf(signalToMessage(signal))).toBe(
    "2026-11-22T15:45:42.007Z  warning   a token was used far more often than it uses to be; 200 within 60 s; client web; " +
      `presented by api; reported by sidecar; token ${FINGERPRINT}; family ${FINGERPRINT}; its family is being revoked`,
  );
});

test("every kind has words of its own, and one that is not known here is told by its name", () => {
  const { count: _, windowMs: __, ...plain } = aSignal({ at: AT });
  const lines = SIGNAL_KINDS.map((kind) => lineOf(signalToMessage({ ...plain, kind })));
  expect(new Set(lines).size).toBe(SIGNAL_KINDS.length);
  for (const line of lines) expect(line).toMatch(/ (?:an?|many) /);
  const later = { ...signalToMessage(plain), kind: "key_stolen", detail: "by_night", severity: 2 } as const;
  expect(lineOf(later)).toContain("warning   key stolen (by night); client web");
});

test("what others wrote does not command the terminal", () => {
  const signal = { ...signalToMessage(aSignal()), caller: "\u001B[2Jx", client_id: "a\u202Eb" };
  for (const command of ["\u001B", "\u202E"]) expect(lineOf(signal)).not.toContain(command);
});

test("as JSON it has the contract's names", () => {
  const signal = aSignal({ at: AT, severity: "critical" });
  expect(JSON.parse(JSON.stringify(jsonOf(signalToMessage(signal))))).toEqual({
    id: signal.id,
    at_ms: AT,
    kind: "token_velocity",
    severity: "critical",
    caller: "api",
    client_id: "web",
    count: 200,
    window: "60.000s",
    token_fingerprint: FINGERPRINT,
  });
});

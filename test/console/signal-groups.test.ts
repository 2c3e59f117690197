import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { signalGroups } from "../../src/console/signal-groups.ts";
import type { Signal } from "../../src/core/signals/signal.ts";

function signal(of: Partial<Signal> = {}): Signal {
  return { id: randomUUID(), at: 1, kind: "revoked_token_used", severity: "warning", caller: "api", ...of };
}

test("what says the same of the same family is one, with its count, its begin and its latest", () => {
  const groups = signalGroups();
  for (const at of [1, 2, 3]) groups.add(signal({ at, familyFingerprint: "f" }));
  expect(groups.all()).toMatchObject([{ count: 3, since: 1, latest: { at: 3 } }]);
});

test.each<[string, Partial<Signal>]>([
  ["kind", { kind: "token_velocity" }],
  ["family", { familyFingerprint: "other" }],
  ["network", { networkFingerprint: "other" }],
  ["client", { clientId: "other" }],
  ["caller", { caller: "other" }],
  ["severity", { severity: "critical" }],
  ["verifier that reports it", { reportedBy: "sidecar" }],
])("another %s is another", (_what, other) => {
  const groups = signalGroups();
  groups.add(signal({ familyFingerprint: "f" }));
  groups.add(signal({ familyFingerprint: "f", ...other }));
  expect(groups.all()).toHaveLength(2);
});

test("a flood of mild ones pushes out the mild, and never a critical one", () => {
  const groups = signalGroups();
  groups.add(signal({ severity: "critical", kind: "refresh_token_reuse", familyFingerprint: "stolen" }));
  for (let n = 0; n < 1_000; n++) groups.add(signal({ at: n + 2, familyFingerprint: String(n) }));
  expect(groups.all()).toHaveLength(100);
  expect(groups.all().map(({ latest }) => latest.kind)).toContain("refresh_token_reuse");
  expect(groups.all()[0]?.latest.familyFingerprint).toBe("999");
});

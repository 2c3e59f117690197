import { expect, test } from "vitest";
import { honestWeek, type Simulated } from "./honest-week.ts";
import { measureWeek } from "./measure-week.ts";
import type { TokenIdentity } from "./observation.ts";
import { MINUTE } from "./time.ts";

const ISSUED_TO = { clientIp: "10.0.0.1", userAgent: "one" };
const TOKEN: TokenIdentity = {
  id: "token",
  kind: "access_jwt",
  client: "web",
  subject: "alice",
  issuedAt: 0,
  expiresAt: 15 * MINUTE,
  issuedTo: ISSUED_TO,
  audience: ["a"],
};

function use(at: number, rest: Partial<Extract<Simulated, { kind: "introspect" }>> = {}): Simulated {
  const seen = { at, instance: "assay-1", caller: "orders", audience: ["a"], token: TOKEN, source: "test" };
  return { ...seen, kind: "introspect", outcome: "active", ...ISSUED_TO, ...rest };
}

function measured(...week: Simulated[]) {
  const { spreads, ...rest } = measureWeek(week, () => {});
  return { ...rest, spreads: new Map(spreads) };
}

test("uses count by the minute, and the busiest is set against the mean", () => {
  const { spreads } = measured(use(0), use(MINUTE), use(MINUTE + 1), use(MINUTE + 2));
  expect(spreads.get("uses of a token in a minute")).toMatchObject({ count: 2, median: 3, max: 3 });
  expect(spreads.get("busiest minute of a token over its mean")).toMatchObject({ count: 1, max: 1.5 });
});

test("networks are told apart by /24 and /64", () => {
  const ipv6 = { clientIp: "2001:db8:1:2:a:b:c:d" };
  const sameIpv6 = { clientIp: "2001:db8:1:2:d:c:b:a" };
  const { spreads } = measured(use(0), use(1, { clientIp: "10.0.0.9" }), use(2, ipv6), use(3, sameIpv6));
  expect(spreads.get("networks of a token")).toMatchObject({ count: 1, max: 2 });
});

test("a token that is used elsewhere than it was issued counts once for each way, alive and dead", () => {
  const elsewhere = { clientIp: "10.9.9.9" };
  const late = { outcome: "expired", userAgent: "other", ...elsewhere } as const;
  const { lookAlikes } = measured(
    use(0),
    use(1, elsewhere),
    use(2, elsewhere),
    use(3, { userAgent: "other" }),
    use(4, late),
  );
  expect(Object.fromEntries(lookAlikes)).toEqual({
    "live tokens used": 1,
    "live tokens used in another network than issued to": 1,
    "live tokens used by another user agent than issued to": 1,
    "dead tokens used": 1,
    "dead tokens used in another network than issued to": 1,
    "dead tokens used by another user agent than issued to": 1,
    "dead tokens used in another network by another user agent, both at once": 1,
  });
});

test("every observation of a week is counted once, by kind, outcome and source", () => {
  const week = [...honestWeek({ seed: 1, introspections: 20_000, days: 1 })];
  const { byKind, byOutcome, bySource } = measureWeek(week, () => {});
  for (const counts of [byKind, byOutcome, bySource]) {
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(week.length);
  }
});

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { BEHAVIOURS, honestWeek, type Simulated } from "./honest-week.ts";
import { DAY, SECOND } from "./time.ts";

const GRACE = 10 * SECOND;
const SMALL = { seed: 7, introspections: 60_000 };
const MONDAY = Date.UTC(2026, 0, 5);

function digestOf(week: Iterable<Simulated>): string {
  const hash = createHash("sha256");
  for (const observation of week) hash.update(JSON.stringify(observation));
  return hash.digest("hex");
}

const week = [...honestWeek(SMALL)];

test("the same seed yields the same week, another seed another", () => {
  expect(digestOf(honestWeek(SMALL))).toBe(digestOf(week));
  expect(digestOf(honestWeek({ ...SMALL, seed: 8 }))).not.toBe(digestOf(week));
});

test.each(BEHAVIOURS)("$name does alone what it does among the others", (alone) => {
  const among = week.filter(({ source }) => source === alone.name);
  expect(among.length).toBeGreaterThan(0);
  expect(digestOf(honestWeek({ ...SMALL, only: [alone] }))).toBe(digestOf(among));
});

test("all comes in order of time, at whole milliseconds, within the week", () => {
  const times = week.map(({ at }) => at);
  expect(times.filter((at, index) => at < (times[index - 1] ?? MONDAY))).toEqual([]);
  expect(times.filter((at) => !Number.isSafeInteger(at) || at >= MONDAY + 7 * DAY)).toEqual([]);
  expect(new Set(times.map((at) => Math.floor((at - MONDAY) / DAY))).size).toBe(7);
});

test("a week of the default size has a million introspections, in order, more on a Monday than on a Sunday", () => {
  const perDay = Array.from({ length: 7 }, () => 0);
  const wrong: Simulated[] = [];
  let before = MONDAY;
  for (const one of honestWeek({ seed: 1, introspections: 1_000_000 })) {
    const expired = one.token !== undefined && one.at >= one.token.expiresAt;
    if (one.at < before || (one.outcome === "expired") !== expired) wrong.push(one);
    before = one.at;
    const day = Math.floor((one.at - MONDAY) / DAY);
    if (one.kind === "introspect") perDay[day] = (perDay[day] ?? 0) + 1;
  }
  expect(wrong).toEqual([]);
  const [monday = 0, sunday = 0] = [perDay[0], perDay[6]];
  expect(monday).toBeGreaterThan(140_000);
  expect(monday).toBeLessThan(190_000);
  expect(sunday).toBeLessThan(monday);
  const whole = perDay.reduce((sum, count) => sum + count, 0);
  expect(Math.abs(whole - 1_000_000)).toBeLessThan(75_000);
});

test("no token is used before it was issued, active once it has expired, or expired before", () => {
  const issuedSoFar = new Set<string>();
  const wrong = week.filter((one) => {
    if (one.kind !== "introspect") {
      if (one.issued !== undefined) issuedSoFar.add(one.issued.id);
      return false;
    }
    const { at, token, outcome } = one;
    if (token === undefined) return false;
    if (!issuedSoFar.has(token.id) || at < token.issuedAt) return true;
    return (outcome === "expired") !== at >= token.expiresAt;
  });
  expect(wrong).toEqual([]);
});

test("an access token lives fifteen minutes, a client's own an hour", () => {
  const lifetimes = new Map<boolean, Set<number>>([
    [true, new Set()],
    [false, new Set()],
  ]);
  for (const { kind, token } of week) {
    if (kind !== "introspect" || token === undefined) continue;
    lifetimes.get(token.family !== undefined)?.add((token.expiresAt - token.issuedAt) / SECOND);
  }
  expect(lifetimes).toEqual(
    new Map([
      [true, new Set([900])],
      [false, new Set([3_600])],
    ]),
  );
});

test("once a token was refused as revoked, it is never active again", () => {
  const revoked = new Set<string>();
  const risen = week.filter(({ outcome, token }) => {
    if (outcome === "revoked" && token !== undefined) revoked.add(token.id);
    return outcome === "active" && token !== undefined && revoked.has(token.id);
  });
  expect(revoked.size).toBeGreaterThan(0);
  expect(risen).toEqual([]);
});

test("each family's generations follow one another, and a refresh is sent again only within the grace, its successor unused", () => {
  const newest = new Map<string, { generation: number; rotatedAt: number }>();
  let retries = 0;
  const wrong = week.filter(({ kind, outcome, at, token }) => {
    if (kind !== "refresh" || token?.family === undefined || token.generation === undefined) return kind === "refresh";
    const { generation, rotatedAt } = newest.get(token.family) ?? { generation: 0, rotatedAt: 0 };
    if (outcome === "retried") {
      retries += 1;
      return token.generation !== generation - 1 || at - rotatedAt > GRACE;
    }
    newest.set(token.family, { generation: generation + 1, rotatedAt: at });
    return outcome !== "rotated" || token.generation !== generation;
  });
  expect(retries).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});

test("what nobody could recognise names no token", () => {
  const unrecognised = new Set(["malformed", "unknown", "bad_signature", "unknown_key", "issuer_not_trusted"]);
  const found = week.filter(({ outcome }) => unrecognised.has(outcome));
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(({ token }) => token !== undefined)).toEqual([]);
});

test("a caller that forwards no context has none seen", () => {
  const reports = week.filter(({ caller }) => caller === "reports");
  expect(reports.length).toBeGreaterThan(0);
  expect(reports.filter(({ clientIp, userAgent }) => clientIp !== undefined || userAgent !== undefined)).toEqual([]);
});

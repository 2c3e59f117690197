import { expect, test } from "vitest";
import { backendJobs } from "./honest/backend-jobs.ts";
import { corporateProxies } from "./honest/corporate-proxies.ts";
import { couriers } from "./honest/couriers.ts";
import { deploys } from "./honest/deploys.ts";
import { developers } from "./honest/developers.ts";
import { dpopClients } from "./honest/dpop-clients.ts";
import { fleets } from "./honest/fleets.ts";
import { gatewayUsers } from "./honest/gateway-users.ts";
import { keyRotation } from "./honest/key-rotation.ts";
import { mobileUsers } from "./honest/mobile-users.ts";
import { monitoringProbes } from "./honest/monitoring-probes.ts";
import { officeWorkers } from "./honest/office.ts";
import { travellers } from "./honest/travellers.ts";
import { webSessions } from "./honest/web-sessions.ts";
import { honestWeek, type Simulated } from "./honest-week.ts";
import { networkOf } from "./network-of.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./time.ts";
import type { Behaviour } from "./world.ts";

const MONDAY = Date.UTC(2026, 0, 5);
const DEFAULT = { seed: 3, introspections: 1_000_000 };

const weeks = new Map<Behaviour, readonly Simulated[]>();

function weekOf(only: Behaviour): readonly Simulated[] {
  const week = weeks.get(only) ?? [...honestWeek({ ...DEFAULT, only: [only] })];
  weeks.set(only, week);
  return week;
}

/** The values that came with each name; what lacks either is left out. */
function sets<Value>(
  week: readonly Simulated[],
  nameOf: (observation: Simulated) => string | undefined,
  valueOf: (observation: Simulated) => Value | undefined,
): ReadonlyMap<string, ReadonlySet<Value>> {
  const found = new Map<string, Set<Value>>();
  for (const observation of week) {
    const [name, value] = [nameOf(observation), valueOf(observation)];
    if (name !== undefined && value !== undefined) found.set(name, (found.get(name) ?? new Set<Value>()).add(value));
  }
  return found;
}

const network = ({ clientIp }: Simulated) => (clientIp === undefined ? undefined : networkOf(clientIp));
const subject = ({ token }: Simulated) => token?.subject;
const within = (span: number) => (one: Simulated) =>
  one.token?.subject === undefined ? undefined : `${one.token.subject}|${Math.floor(one.at / span)}`;
const [hourly, daily] = [within(HOUR), within(DAY)];
const tokenOf = ({ token }: Simulated) => token?.id;

function share(values: Iterable<boolean>): number {
  const all = [...values];
  return all.filter(Boolean).length / all.length;
}

function between(value: number, least: number, greatest: number): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(greatest);
}

test("mobile users: on nearly every busy day the network changes, over hundreds of networks", () => {
  const week = weekOf(mobileUsers);
  const counts = Map.groupBy(week, daily);
  const busy = [...sets(week, daily, network)].filter(([day]) => (counts.get(day)?.length ?? 0) >= 20);
  between(share(busy.map(([, { size }]) => size >= 2)), 0.95, 1);
  expect(new Set(week.map(network)).size).toBeGreaterThan(1_000);
});

test("mobile users: one refresh in forty is sent again, some of those from another address", () => {
  const refreshes = weekOf(mobileUsers).filter(({ kind }) => kind === "refresh");
  between(share(refreshes.map(({ outcome }) => outcome === "retried")), 0.015, 0.035);
  const addresses = sets(refreshes, tokenOf, ({ clientIp }) => clientIp);
  expect([...addresses.values()].some(({ size }) => size > 1)).toBe(true);
});

test("couriers: in a busy hour most are in more than five networks", () => {
  const week = weekOf(couriers);
  const counts = Map.groupBy(week, hourly);
  const busy = [...sets(week, hourly, network)].filter(([hour]) => (counts.get(hour)?.length ?? 0) >= 100);
  expect(share(busy.map(([, { size }]) => size > 5))).toBeGreaterThan(0.7);
});

test("web sessions: one household in seven gets another network each night, the others never, and half of the browsers are updated", () => {
  const week = weekOf(webSessions);
  between(share(Array.from(sets(week, subject, network).values(), ({ size }) => size === 1)), 0.8, 0.9);
  const nights = sets(week, daily, network);
  expect(Math.max(...Array.from(nights.values(), ({ size }) => size))).toBe(1);
  const agents = sets(week, subject, ({ userAgent }) => userAgent);
  between(share(Array.from(agents.values(), ({ size }) => size === 2)), 0.35, 0.55);
});

test("web sessions: a token is presented after it expired a few times at most, by some clocks within the minute", () => {
  const expired = weekOf(webSessions).filter(({ outcome }) => outcome === "expired");
  const uses = Map.groupBy(expired, (one) => tokenOf(one) ?? "");
  expect(expired.some(({ at, token }) => token !== undefined && at - token.expiresAt < MINUTE)).toBe(true);
  expect(expired.some(({ at, token }) => token !== undefined && at - token.expiresAt > HOUR)).toBe(true);
  between(Math.max(...Array.from(uses.values(), ({ length }) => length)), 3, 30);
});

test("web sessions: after a log-out at most four requests are under way, for five seconds", () => {
  const revoked = weekOf(webSessions).filter(({ outcome }) => outcome === "revoked");
  const spans = Array.from(Map.groupBy(revoked, (one) => tokenOf(one) ?? "").values(), (uses) => ({
    count: uses.length,
    span: (uses.at(-1)?.at ?? 0) - (uses[0]?.at ?? 0),
  }));
  expect(spans.length).toBeGreaterThan(50);
  expect(spans.filter(({ count, span }) => count > 4 || span > 5 * SECOND)).toEqual([]);
});

test("the office: a thousand people are behind one address", () => {
  const subjects = sets(weekOf(officeWorkers), ({ clientIp }) => clientIp, subject);
  expect(subjects.size).toBe(1);
  between([...subjects.values()][0]?.size ?? 0, 980, 1_000);
});

test("travellers: most are seen in a second network", () => {
  const networks = Array.from(sets(weekOf(travellers), subject, network).values(), ({ size }) => size);
  expect(share(networks.map((size) => size >= 2))).toBeGreaterThan(0.7);
});

test("corporate proxies: nearly every busy token comes from three networks", () => {
  const week = weekOf(corporateProxies);
  const counts = Map.groupBy(week, (one) => tokenOf(one) ?? "");
  const busy = [...sets(week, tokenOf, network)].filter(([token]) => (counts.get(token)?.length ?? 0) >= 20);
  expect(share(busy.map(([, { size }]) => size === 3))).toBeGreaterThan(0.9);
});

test("the gateway: it asks for every token three times, for three audiences", () => {
  const asked = weekOf(gatewayUsers).filter(({ outcome }) => outcome === "active");
  expect(new Set(asked.map(({ caller }) => caller))).toEqual(new Set(["gateway"]));
  const audiences = sets(asked, tokenOf, ({ audience: [one] }) => one);
  expect(new Set(Array.from(audiences.values(), ({ size }) => size))).toEqual(new Set([3]));
});

test("clients that prove a key: a proof comes twice only as a repeated call", () => {
  const week = weekOf(dpopClients).filter(({ proof }) => proof !== undefined);
  const calls = sets(
    week,
    ({ proof }) => proof?.id,
    ({ requestId }) => requestId,
  );
  expect(new Set(Array.from(calls.values(), ({ size }) => size))).toEqual(new Set([1]));
  expect(week.length).toBeGreaterThan(calls.size);
  expect(week.filter(({ proof, token }) => proof?.key !== token?.boundTo)).toEqual([]);
});

test("backend jobs: a token that is used twice a minute is used more than fifty times in one", () => {
  const week = weekOf(backendJobs).filter(({ kind }) => kind === "introspect");
  const minutes = Map.groupBy(week, (one) => `${tokenOf(one)}|${Math.floor(one.at / MINUTE)}`);
  const counts = Array.from(minutes.values(), ({ length }) => length).toSorted((one, other) => one - other);
  expect(counts[Math.floor(counts.length / 2)]).toBe(2);
  between(counts.at(-1) ?? 0, 250, 400);
});

test("fleets: every token is used by most of fifty machines, in six networks", () => {
  const week = weekOf(fleets).filter(({ kind }) => kind === "introspect");
  expect(new Set(Array.from(sets(week, tokenOf, network).values(), ({ size }) => size))).toEqual(new Set([6]));
  const machines = sets(week, tokenOf, ({ clientIp }) => clientIp);
  expect(Math.min(...Array.from(machines.values(), ({ size }) => size))).toBeGreaterThan(40);
});

test("monitoring probes: what is no token comes once a minute from each", () => {
  const week = weekOf(monitoringProbes);
  expect(new Set(week.map(({ outcome }) => outcome))).toEqual(new Set(["malformed"]));
  expect(week).toHaveLength((2 * 7 * DAY) / MINUTE);
});

test("key rotation: the new key is unknown for twenty seconds, the old one now and then a day later", () => {
  const week = weekOf(keyRotation);
  const changed = MONDAY + 3 * DAY + 10 * HOUR;
  expect(new Set(week.map(({ outcome }) => outcome))).toEqual(new Set(["unknown_key"]));
  const early = week.filter(({ keyId }) => keyId === "partner-new");
  between(early.length, 20, 80);
  expect(early.filter(({ at }) => at < changed || at >= changed + 20 * SECOND)).toEqual([]);
  expect(week.filter(({ keyId, at }) => keyId === "partner-old" && at < changed + DAY)).toEqual([]);
});

test("deploys: within a quarter of a minute more than two thousand questions come, twice a week", () => {
  const herds = Map.groupBy(
    weekOf(deploys).filter(({ kind }) => kind === "introspect"),
    ({ at }) => Math.floor(at / HOUR),
  );
  expect(herds.size).toBe(2);
  for (const herd of herds.values()) {
    expect(herd.length).toBeGreaterThan(2_000);
    expect((herd.at(-1)?.at ?? 0) - (herd[0]?.at ?? 0)).toBeLessThan(16 * SECOND);
  }
});

test("developers: expired tokens are pasted again after hours, and copies are cut off or altered", () => {
  const outcomes = new Set(weekOf(developers).map(({ outcome }) => outcome));
  for (const outcome of ["active", "expired", "malformed", "bad_signature", "issuer_not_trusted"] as const)
    expect(outcomes).toContain(outcome);
});

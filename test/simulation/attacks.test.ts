import { expect, test } from "vitest";
import { ATTACKS } from "./attacks/all.ts";
import type { About, Attacked, Finding } from "./attacks/attack.ts";
import { networkOf } from "./network-of.ts";
import type { Observation } from "./observation.ts";
import { HOUR, MINUTE } from "./time.ts";

const START = Date.UTC(2026, 0, 6, 12);
const SEEDS = [1, 2, 3, 4, 5];
const CASES = ATTACKS.flatMap(([name, attack]) =>
  SEEDS.map((seed) => ({ name, seed, made: attack(seed, START), attack })),
);

function concerns({ token, clientIp, caller }: Observation, about: About): boolean {
  return (
    (about.token === undefined || token?.id === about.token) &&
    (about.family === undefined || token?.family === about.family) &&
    (about.caller === undefined || caller === about.caller) &&
    (about.network === undefined || (clientIp !== undefined && networkOf(clientIp) === about.network))
  );
}

/** What the observations of each finding must show for it to be there to be found. */
const SHOWN: Record<Finding, (hostile: readonly Observation[], made: Attacked) => boolean> = {
  refresh_reuse: (hostile) => {
    const last = hostile.at(-1)?.outcome;
    return hostile[0]?.outcome === "rotated" && (last === "predecessor_reused" || last === "stale_generation");
  },
  inactive_token_repeated: (hostile) =>
    hostile.length >= 30 && hostile.every(({ outcome }) => outcome === "revoked" || outcome === "expired"),
  new_network_or_user_agent: (hostile) =>
    hostile.every(
      ({ outcome, clientIp, userAgent, token }) =>
        outcome === "active" && clientIp !== token?.issuedTo.clientIp && userAgent !== token?.issuedTo.userAgent,
    ),
  many_networks: (hostile, { firstHostileAt }) =>
    new Set(hostile.map(({ clientIp = "" }) => networkOf(clientIp))).size >= 38 &&
    hostile.every(({ at, outcome }) => outcome === "active" && at - firstHostileAt < HOUR),
  velocity: (hostile, { observations }) => {
    const before = observations.filter(({ kind }) => kind === "introspect").length - hostile.length;
    return hostile.length / 3 >= (150 * before) / 10;
  },
  audience_probing: (hostile) => new Set(hostile.flatMap(({ audience }) => audience)).size === 20,
  bad_token_burst: (hostile) =>
    hostile.length >= 120 &&
    hostile.every(
      ({ outcome, token }) => token === undefined && (outcome === "bad_signature" || outcome === "malformed"),
    ),
  unknown_key_burst: (hostile) =>
    hostile.every(({ outcome }) => outcome === "unknown_key") && new Set(hostile.map(({ keyId }) => keyId)).size > 290,
  proof_replay: (hostile, { observations }) =>
    hostile.every(({ outcome }) => outcome === "proof_replayed") &&
    observations.find(({ proof }) => proof !== undefined)?.outcome === "active" &&
    new Set(observations.flatMap(({ proof }) => proof?.id ?? [])).size === 1 &&
    new Set(hostile.map(({ requestId }) => requestId)).size === hostile.length,
  other_key: (hostile) =>
    hostile.every(({ outcome, proof, token }) => outcome === "invalid_proof" && proof?.key !== token?.boundTo),
};

test.each(CASES)("$name, seed $seed: the same seed makes the same, in order of time", ({ made, attack, seed }) => {
  expect(attack(seed, START).observations).toEqual(made.observations);
  const times = made.observations.map(({ at }) => at);
  expect(times.filter((at, index) => at < (times[index - 1] ?? START))).toEqual([]);
});

test.each(CASES)("$name, seed $seed: the truth is what the observations show", ({ made }) => {
  const { observations, hostile, finding, about, firstHostileAt } = made;
  const theirs = observations.filter((one) => hostile.has(one));
  expect(theirs).toHaveLength(hostile.size);
  expect(theirs[0]?.at).toBe(firstHostileAt);
  expect(theirs.filter((one) => !concerns(one, about))).toEqual([]);
  expect(SHOWN[finding](theirs, made)).toBe(true);
});

test.each(CASES)("$name, seed $seed: what comes before the attack is as honest as any", ({ made }) => {
  const { observations, hostile, firstHostileAt } = made;
  const innocent = observations.filter((one) => !hostile.has(one));
  expect(
    innocent.filter(({ at, outcome }) => at < firstHostileAt && outcome !== "active" && outcome !== "issued"),
  ).toEqual([]);
});

test("every finding has an attack that it must find", () => {
  expect(new Set(CASES.map(({ made }) => made.finding))).toEqual(new Set(Object.keys(SHOWN)));
});

test("a stolen refresh token shows itself both as its successor's predecessor and further back", () => {
  const last = CASES.filter(({ name }) => name === "stolen refresh token").map(
    ({ made }) => made.observations.at(-1)?.outcome,
  );
  expect(new Set(last)).toEqual(new Set(["predecessor_reused", "stale_generation"]));
});

test("another seed makes another attack, within five hours and a half", () => {
  for (const [, attack] of ATTACKS) {
    const [one, other] = [attack(1, START), attack(2, START)];
    expect(one.observations).not.toEqual(other.observations);
    expect((one.observations.at(-1)?.at ?? 0) - START).toBeLessThan(5 * HOUR + 30 * MINUTE);
  }
});

import type { InactiveReason } from "../inactive-reason.ts";
import { callerBurst } from "./caller-burst.ts";
import type { Cooldown } from "./cooldown.ts";
import { networkNumber } from "./network.ts";
import type { Observation } from "./observation.ts";
import { openRecentTable } from "./recent-table.ts";
import type { DetectorRules } from "./rules.ts";
import { NONE, present, type Sighting } from "./sighting.ts";
import { textHash } from "./text-hash.ts";
import { isOver } from "./window.ts";

/** Where a caller's two bursts lie, and a network's one. */
const [BAD, UNKNOWN_KEY] = [3, 6];
const CALLER_WIDTH = 9;
const [FROM, COUNT] = [3, 4];
const NETWORK_WIDTH = 5;
/** The lower half of the keys of both tables. */
const ONE = 1;

/** What no issuer of ours has made, or what has been changed since. */
const IS_BAD: ReadonlySet<Observation["outcome"]> = new Set<InactiveReason>([
  "malformed",
  "unknown",
  "issuer_not_trusted",
  "algorithm_not_allowed",
  "header_not_allowed",
  "bad_signature",
]);

type Rules = Pick<DetectorRules, "bad_token_burst" | "unknown_key_burst" | "refresh_token_forged">;

export type Bursts = {
  /** Counts any call, whatever came of it. @returns the caller's entry */
  asked(caller: string, now: number): number;
  /** Of a token that is not known to be genuine. */
  ofBad(observation: Observation, caller: number, now: number): readonly Sighting[];
};

export function countBursts(
  rules: Rules,
  sizes: { callers: number; networks: number; seed: number },
  cooldown: (kind: keyof Rules, what?: string) => Cooldown,
): Bursts {
  const { bad_token_burst: rule } = rules;
  const callers = openRecentTable(sizes.callers, CALLER_WIDTH, sizes.seed);
  const badOnes = callerBurst(callers.words, BAD, rule);
  const unknownKeys = callerBurst(callers.words, UNKNOWN_KEY, rules.unknown_key_burst);
  const ofNetwork = networkBurst(rule, sizes, cooldown("bad_token_burst", "network"));
  const cooldowns = {
    bad: cooldown("bad_token_burst", "caller"),
    unknownKey: cooldown("unknown_key_burst"),
    forged: cooldown("refresh_token_forged"),
  };

  const ofUnknownKey = (caller: number, now: number): Sighting | undefined => {
    const count = unknownKeys.hit(caller);
    if (count === 0 || !cooldowns.unknownKey(callers.words[caller] ?? 0, ONE, now)) return undefined;
    return { kind: "unknown_key_burst", severity: "warning", count, windowMs: rules.unknown_key_burst.windowMs };
  };
  const ofCaller = (caller: number, now: number): Sighting | undefined => {
    const count = badOnes.hit(caller);
    if (count === 0 || !cooldowns.bad(callers.words[caller] ?? 0, ONE, now)) return undefined;
    return { kind: "bad_token_burst", severity: "warning", detail: "caller", count, windowMs: rule.windowMs };
  };

  /** Its checksum is good and its family is there, which no slip yields. */
  const ofForged = (caller: number, now: number): Sighting | undefined => {
    if (!rules.refresh_token_forged.enabled) return undefined;
    if (!cooldowns.forged(callers.words[caller] ?? 0, ONE, now)) return undefined;
    return { kind: "refresh_token_forged", severity: "warning" };
  };

  /** Most calls come from whoever called last. */
  let last = { caller: "", hash: 0 };
  const hashOf = (caller: string): number => {
    if (last.caller !== caller) last = { caller, hash: textHash(sizes.seed, caller) };
    return last.hash;
  };

  return {
    asked: (caller, now) => {
      const entry = callers.take(hashOf(caller), ONE, now);
      badOnes.asked(entry, now);
      unknownKeys.asked(entry, now);
      return entry;
    },
    ofBad: ({ outcome, clientIp, isRefreshToken }, caller, now) => {
      if (outcome === "unknown_key") return present([ofUnknownKey(caller, now)]);
      if (!IS_BAD.has(outcome)) return NONE;
      const isForged = isRefreshToken === true && outcome === "bad_signature";
      const forged = isForged ? ofForged(caller, now) : undefined;
      return present([forged, ofCaller(caller, now), ofNetwork(clientIp, now)]);
    },
  };
}

function networkBurst(
  { byNetwork, windowMs, enabled }: Rules["bad_token_burst"],
  { networks, seed }: { networks: number; seed: number },
  cooldown: Cooldown,
) {
  const recent = openRecentTable(networks, NETWORK_WIDTH, seed);
  const { words } = recent;
  const window = windowMs / 1_000;
  return (clientIp: string | undefined, now: number): Sighting | undefined => {
    const network = clientIp === undefined ? 0 : networkNumber(seed, clientIp);
    if (network === 0) return undefined;
    const entry = recent.take(network, ONE, now);
    const from = words[entry + FROM] ?? 0;
    const isNew = isOver(from, now, window);
    if (isNew) words[entry + FROM] = now;
    const count = isNew ? 1 : (words[entry + COUNT] ?? 0) + 1;
    words[entry + COUNT] = count;
    if (!enabled || count < byNetwork || !cooldown(network, ONE, now)) return undefined;
    return { kind: "bad_token_burst", severity: "warning", detail: "network", count, windowMs };
  };
}

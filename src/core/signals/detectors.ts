import { randomInt } from "node:crypto";
import { countBursts } from "./bursts.ts";
import { openCooldowns } from "./cooldown.ts";
import { type Found, foundOf } from "./found.ts";
import { inactiveTokens } from "./inactive-tokens.ts";
import { liveTokens } from "./live-tokens.ts";
import { networkText } from "./network.ts";
import type { Observation, ObservedToken } from "./observation.ts";
import type { PlaceKeys } from "./token-context.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";

export type { Found } from "./found.ts";

/** A token, and the observation that showed it: good at any later time. */
export type SeenElsewhere = { high: number; low: number; observation: Observation };

/** Counts the networks of tokens over all instances. */
export type CountNetworks = {
  /**
   * A token is used in a network that is new for it here, and other than the one it was issued or first seen in.
   * @param seen with the observation to hand to `networksCounted` with the count
   * @param network `192.0.2.0/24`, say
   */
  add(seen: SeenElsewhere, network: string): void;
};

export type DetectorOptions = {
  rules: DetectorRules;
  /** Of what tokens say of whence they were issued. */
  keys: PlaceKeys;
  networks?: CountNetworks | undefined;
};

/** Judge what introspections of this process show, in memory of a fixed size. */
export type Detectors = {
  /** Almost always `NOTHING`, at once. Keeps digests alone of the observation, but hands it on to `networks`. */
  judge(observation: Observation): readonly Found[];
  /** @param count of the networks, but for its own, that all instances saw the token in within the rule's window */
  networksCounted(observation: Observation, count: number): readonly Found[];
};

export const NOTHING: readonly Found[] = [];

/** How many of each are kept, powers of two: 2.7 MB in all, of which what is never written to takes no memory. */
const ENTRIES = { live: 32_768, dead: 4_096, probed: 1_024, callers: 1_024, networks: 8_192, told: 8_192 };
const SEEDS = 2 ** 31;

export function openDetectors(options: DetectorOptions): Detectors {
  const { rules, networks } = options;
  const seed = randomInt(-SEEDS, SEEDS);
  const seconds = secondsFromFirst();
  const cooldowns = openCooldowns(ENTRIES.told, seed);
  const cooldown = (kind: keyof DetectorRules, what = "") => cooldowns(`${kind} ${what}`, rules[kind].cooldownMs);

  const newNetwork = (observation: Observation, token: ObservedToken): void => {
    if (!rules.token_in_many_networks.enabled) return;
    const network = observation.clientIp === undefined ? undefined : networkText(observation.clientIp);
    if (networks === undefined || network === undefined) return;
    const { high, low } = token;
    networks.add({ high, low, observation: { ...observation, token: kept(token) } }, network);
  };
  const live = liveTokens(rules, { entries: ENTRIES.live, seed, keys: options.keys }, cooldown, newNetwork);
  const ofInactive = inactiveTokens(rules, { ...ENTRIES, seed }, cooldown, live.isElsewhere);
  const bursts = countBursts(rules, { ...ENTRIES, seed }, cooldown);

  return {
    judge: (observation) => {
      const { outcome, token, at } = observation;
      const now = seconds(at);
      const caller = bursts.asked(observation.caller, now);
      if (outcome === "active")
        return token === undefined ? NOTHING : report(live.used(observation, token, now), observation);
      const seen = token === undefined ? bursts.ofBad(observation, caller, now) : ofInactive(observation, token, now);
      return report(seen, observation);
    },
    networksCounted: (observation, count) => {
      const { token, at } = observation;
      if (token === undefined) return NOTHING;
      return report(live.countedElsewhere(token, count, seconds(at)), observation);
    },
  };
}

function report(sightings: readonly Sighting[], observation: Observation): readonly Found[] {
  return sightings.length === 0 ? NOTHING : sightings.map((sighting) => foundOf(sighting, observation));
}

/** Good at any later time, too. */
function kept(token: ObservedToken): ObservedToken {
  const { high, low, kind, issuedFrom } = token;
  const origin = token.origin();
  return { high, low, kind, issuedFrom, origin: () => origin };
}

/** 34 years. */
const HALF_RANGE = 2 ** 30;

/** Times as whole seconds, which fit into 32 bits, whichever way the clock is set: 0 stands for what is not known. */
function secondsFromFirst(): (at: number) => number {
  let base: number | undefined;
  return (at) => {
    const second = Math.floor(at / 1_000);
    base ??= second - HALF_RANGE;
    return second - base;
  };
}

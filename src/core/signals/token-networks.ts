import type { Cooldown } from "./cooldown.ts";
import { LIVE } from "./live-token.ts";
import type { ObservedToken } from "./observation.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";
import { scramble } from "./text-hash.ts";
import { isOver } from "./window.ts";

export type NetworkCount = {
  /** Counts a network in which a token is used. @returns whether it is new for the token, as far as can be told */
  isNew(network: number, entry: number, now: number): boolean;
  /** Once too many are counted here. */
  tooMany(token: ObservedToken, entry: number, now: number): Sighting | undefined;
  /** The same for a count from elsewhere. */
  tooManyElsewhere(token: ObservedToken, count: number, now: number): Sighting | undefined;
};

/** Each network is one of 64 bits, which two may share: a count can only be too low. @param words of all live tokens */
export function networkCount(
  words: Int32Array,
  rule: DetectorRules["token_in_many_networks"],
  [here, elsewhere]: readonly [here: Cooldown, elsewhere: Cooldown],
): NetworkCount {
  const window = Math.ceil(rule.windowMs / 1_000);
  const sighting = (count: number): Sighting => ({
    kind: "token_in_many_networks",
    severity: "warning",
    count,
    windowMs: rule.windowMs,
  });
  return {
    isNew: (network, entry, now) => {
      const from = words[entry + LIVE.networksFrom] ?? 0;
      if (isOver(from, now, window)) {
        words[entry + LIVE.networksFrom] = now;
        words[entry + LIVE.networks] = 0;
        words[entry + LIVE.moreNetworks] = 0;
      }
      const place = scramble(network, 0);
      const word = entry + ((place & 32) === 0 ? LIVE.networks : LIVE.moreNetworks);
      const known = words[word] ?? 0;
      const bit = 1 << (place & 31);
      if ((known & bit) !== 0) return false;
      words[word] = known | bit;
      return true;
    },
    tooMany: ({ high, low }, entry, now) => {
      const count = ones(words[entry + LIVE.networks] ?? 0) + ones(words[entry + LIVE.moreNetworks] ?? 0);
      return rule.enabled && count >= rule.networks && here(high, low, now) ? sighting(count) : undefined;
    },
    tooManyElsewhere: ({ high, low }, count, now) =>
      rule.enabled && count >= rule.networks && elsewhere(high, low, now)
        ? { ...sighting(count), detail: "deployment" }
        : undefined,
  };
}

function ones(word: number): number {
  let count = 0;
  for (let left = word; left !== 0; left &= left - 1) count += 1;
  return count;
}

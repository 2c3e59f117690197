import type { Cooldown } from "./cooldown.ts";
import { LIVE_WIDTH } from "./live-token.ts";
import { networkNumber } from "./network.ts";
import type { Observation, ObservedToken } from "./observation.ts";
import { openRecentTable } from "./recent-table.ts";
import type { DetectorRules } from "./rules.ts";
import { NONE, present, type Sighting } from "./sighting.ts";
import { contextChanged, contextJudge, ELSEWHERE, OTHER_NETWORK, type PlaceKeys } from "./token-context.ts";
import { networkCount } from "./token-networks.ts";
import { tokenVelocity } from "./token-velocity.ts";

export type LiveTokens = {
  /** An active answer. At once where the token comes from where it came from last, and not too often. */
  used(observation: Observation, token: ObservedToken, now: number): readonly Sighting[];
  countedElsewhere(token: ObservedToken, count: number, now: number): readonly Sighting[];
  /** Whether both the network and the user agent are known to be others than the token's own. */
  isElsewhere: (observation: Observation, token: ObservedToken) => boolean;
};

/** @param newNetwork told of each network but its own that a token is seen in for the first time here */
export function liveTokens(
  rules: DetectorRules,
  { entries, seed, keys }: { entries: number; seed: number; keys: PlaceKeys },
  cooldown: (kind: keyof DetectorRules, what?: string) => Cooldown,
  newNetwork: (observation: Observation, token: ObservedToken) => void,
): LiveTokens {
  const table = openRecentTable(entries, LIVE_WIDTH, seed);
  const { words } = table;
  const velocity = tokenVelocity(words, rules.token_velocity, cooldown("token_velocity"));
  const context = contextJudge(words, seed, keys);
  const changed = contextChanged(rules.token_context_changed, [
    cooldown("token_context_changed", "network"),
    cooldown("token_context_changed", "user agent"),
    cooldown("token_context_changed", "both"),
  ]);
  const networks = networkCount(words, rules.token_in_many_networks, [
    cooldown("token_in_many_networks"),
    cooldown("token_in_many_networks", "elsewhere"),
  ]);
  const networkOf = ({ clientIp }: Observation): number => (clientIp === undefined ? 0 : networkNumber(seed, clientIp));

  const moved = (observation: Observation, token: ObservedToken, entry: number, now: number) => {
    const network = networkOf(observation);
    const other = context.compare(observation, network, token, entry);
    const isNew = network !== 0 && networks.isNew(network, entry, now);
    if (isNew && (other & OTHER_NETWORK) !== 0) newNetwork(observation, token);
    return [
      other === 0 ? undefined : changed(other, token, now),
      isNew ? networks.tooMany(token, entry, now) : undefined,
    ];
  };

  return {
    used: (observation, token, now) => {
      const entry = table.take(token.high, token.low, now);
      const tooFast = velocity(token, entry, now);
      if (context.hasMoved(observation, entry)) return present([...moved(observation, token, entry, now), tooFast]);
      return tooFast === undefined ? NONE : [tooFast];
    },
    countedElsewhere: (token, count, now) => present([networks.tooManyElsewhere(token, count, now)]),
    isElsewhere: (observation, token) => {
      const entry = table.find(token.high, token.low);
      return context.compare(observation, networkOf(observation), token, entry, "look") === ELSEWHERE;
    },
  };
}

import type { Limit } from "../caller.ts";
import type { Cooldown } from "./cooldown.ts";
import type { Observation, ObservedToken } from "./observation.ts";
import { openRecentTable } from "./recent-table.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";
import { textHash } from "./text-hash.ts";
import { isOver } from "./window.ts";

const [FROM, KNOWN, FIRST] = [3, 4, 5];
const MOST = 12;
const WIDTH = 18;

/** Counts the audiences at which a token was tried that it is not for. Those asked for together are one. */
export function audienceProbing(
  rule: DetectorRules["audience_probing"],
  table: { entries: number; seed: number },
  cooldown: Cooldown,
) {
  const recent = openRecentTable(table.entries, WIDTH, table.seed);
  const { words } = recent;
  const window = rule.windowMs / 1_000;
  const wanted = Math.min(rule.audiences, MOST);

  return ({ audiences, caller }: Observation, { high, low }: ObservedToken, now: number): Sighting | undefined => {
    if (!rule.enabled) return undefined;
    const entry = recent.take(high, low, now);
    const from = words[entry + FROM] ?? 0;
    if (isOver(from, now, window)) {
      words[entry + FROM] = now;
      words[entry + KNOWN] = 0;
    }
    const count = words[entry + KNOWN] ?? 0;
    const asked = hashOf(audiences, caller, table.seed);
    const known = words.subarray(entry + FIRST, entry + FIRST + count);
    if (count < MOST && !known.includes(asked)) {
      words[entry + FIRST + count] = asked;
      words[entry + KNOWN] = count + 1;
    }
    const tried = words[entry + KNOWN] ?? 0;
    if (tried < wanted || !cooldown(high, low, now)) return undefined;
    return { kind: "audience_probing", severity: "warning", count: tried, windowMs: rule.windowMs };
  };
}

/** In whatever order they are asked for. A caller that may ask for all is a place of its own. */
function hashOf(audiences: Limit, caller: string, seed: number): number {
  if (audiences === "all") return textHash(seed, caller);
  let sum = 0;
  for (const audience of audiences) sum = (sum + textHash(seed, audience)) | 0;
  return sum;
}

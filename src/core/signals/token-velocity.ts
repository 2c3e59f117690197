import type { Cooldown } from "./cooldown.ts";
import { LIVE } from "./live-token.ts";
import type { ObservedToken } from "./observation.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";
import { isOver } from "./window.ts";

/** Of an entry's word. */
const MOST = 2 ** 31 - 1;

/**
 * Counts the uses of a live token in windows that follow each other, and compares a window with the mean of all before it. What a
 * client does in its own name is worth knowing, no warning: jobs work in bursts, which no rate tells from a theft.
 * @param words of all live tokens
 */
export function tokenVelocity(words: Int32Array, rule: DetectorRules["token_velocity"], cooldown: Cooldown) {
  const window = Math.ceil(rule.windowMs / 1_000);
  const habitSeconds = Math.max(1, rule.habitMs / 1_000);

  const isBeyondHabit = (entry: number, uses: number): boolean => {
    const known = (words[entry + LIVE.windowFrom] ?? 0) - (words[entry + LIVE.firstSeen] ?? 0);
    if (known < habitSeconds) return false;
    const habit = ((words[entry + LIVE.usesBefore] ?? 0) * window) / known;
    return uses >= rule.times * Math.max(1, habit);
  };

  return (token: ObservedToken, entry: number, now: number): Sighting | undefined => {
    const from = words[entry + LIVE.windowFrom] ?? 0;
    const before = words[entry + LIVE.uses] ?? 0;
    if (isOver(from, now, window)) {
      if (from === 0) words[entry + LIVE.firstSeen] = now;
      words[entry + LIVE.usesBefore] = Math.min(MOST, (words[entry + LIVE.usesBefore] ?? 0) + before);
      words[entry + LIVE.windowFrom] = now;
      words[entry + LIVE.uses] = 1;
      return undefined;
    }
    const uses = before + 1;
    words[entry + LIVE.uses] = uses;
    if (uses < rule.uses || !rule.enabled || !isBeyondHabit(entry, uses)) return undefined;
    if (!cooldown(token.high, token.low, now)) return undefined;
    const isOwn = isClientsOwn(token);
    return {
      kind: "token_velocity",
      severity: isOwn ? "info" : "warning",
      detail: isOwn ? "client" : "subject",
      count: uses,
      windowMs: rule.windowMs,
    };
  };
}

/** Some issuers name the client as the subject of its own tokens (RFC 9068 section 2.2). */
function isClientsOwn(token: ObservedToken): boolean {
  const { sub, client_id: clientId } = token.origin();
  return sub === undefined || sub === clientId;
}

import type { Cooldown } from "./cooldown.ts";
import type { ObservedToken } from "./observation.ts";
import { openRecentTable } from "./recent-table.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";
import { isOver } from "./window.ts";

type DeadKind = "revoked_token_used" | "expired_token_used";

/** When the window began, when the last use was counted, and how many were. */
const [FROM, LAST, COUNT] = [3, 4, 5];
const WIDTH = 6;

/**
 * Counts on how many occasions a dead token was used. What was under way when it died comes within moments of each other, and a page that
 * asks for everything once more, or a client that has not yet understood, does so too: all of that is one. The first is worth
 * knowing where the token was revoked, many are a warning.
 */
export function deadTokenUse<Kind extends DeadKind>(
  kind: Kind,
  rule: DetectorRules[Kind],
  table: { entries: number; seed: number },
  [first, repeated]: readonly [first: Cooldown, repeated: Cooldown],
) {
  const recent = openRecentTable(table.entries, WIDTH, table.seed);
  const { words } = recent;
  const [window, apart] = [rule.windowMs / 1_000, rule.apartMs / 1_000];

  return (token: ObservedToken, now: number): Sighting | undefined => {
    if (!rule.enabled) return undefined;
    const { high, low } = token;
    const entry = recent.take(high, low, now);
    const from = words[entry + FROM] ?? 0;
    const isNew = isOver(from, now, window);
    if (!isNew && now - (words[entry + LAST] ?? 0) < apart) return undefined;
    const count = isNew ? 1 : (words[entry + COUNT] ?? 0) + 1;
    if (isNew) words[entry + FROM] = now;
    words[entry + LAST] = now;
    words[entry + COUNT] = count;
    const told = { kind, detail: token.kind, count, windowMs: rule.windowMs };
    if (count >= rule.occasions) return repeated(high, low, now) ? { ...told, severity: "warning" } : undefined;
    if (kind !== "revoked_token_used" || count > 1 || !first(high, low, now)) return undefined;
    return { ...told, severity: "info" };
  };
}

import type { Cooldown } from "./cooldown.ts";
import type { ObservedToken } from "./observation.ts";
import { openRecentTable } from "./recent-table.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";

type DeadKind = "revoked_token_used" | "expired_token_used";

const [FIRST, USES] = [3, 4];
const WIDTH = 8;

/**
 * Counts the uses of a token that is dead. What was under way when it died comes within moments of each other, and so does the page
 * that asks for everything once more: only what goes on is a warning. The first use is worth knowing where it was revoked.
 */
export function deadTokenUse<Kind extends DeadKind>(
  kind: Kind,
  rule: DetectorRules[Kind],
  table: { entries: number; seed: number },
  [first, repeated]: readonly [first: Cooldown, repeated: Cooldown],
) {
  const recent = openRecentTable(table.entries, WIDTH, table.seed);
  const { words } = recent;
  const [window, spread] = [rule.windowMs / 1_000, rule.spreadMs / 1_000];

  return (token: ObservedToken, now: number): Sighting | undefined => {
    if (!rule.enabled) return undefined;
    const { high, low } = token;
    const entry = recent.take(high, low, now);
    const from = words[entry + FIRST] ?? 0;
    if (from === 0 || now < from || now - from >= window) {
      words[entry + FIRST] = now;
      words[entry + USES] = 0;
    }
    const uses = (words[entry + USES] ?? 0) + 1;
    words[entry + USES] = uses;
    const told = { kind, detail: token.kind, count: uses, windowMs: rule.windowMs };
    if (uses >= rule.uses && now - (words[entry + FIRST] ?? now) >= spread)
      return repeated(high, low, now) ? { ...told, severity: "warning" } : undefined;
    if (kind !== "revoked_token_used" || uses > 1 || !first(high, low, now)) return undefined;
    return { ...told, severity: "info" };
  };
}

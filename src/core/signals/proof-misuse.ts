import type { Cooldown } from "./cooldown.ts";
import type { ObservedToken } from "./observation.ts";
import type { DetectorRules } from "./rules.ts";
import type { Sighting } from "./sighting.ts";

type ProofKind = "proof_replayed" | "proof_of_another_key";

/**
 * A proof that somebody other than the token's holder, or the holder's key, must have sent. A caller that repeats a call without an id,
 * and a client that lost its key, look the same: what comes from elsewhere too leaves no doubt.
 */
export function proofMisuse(
  kind: ProofKind,
  rule: DetectorRules[ProofKind],
  [here, elsewhere]: readonly [here: Cooldown, elsewhere: Cooldown],
) {
  return ({ high, low }: ObservedToken, isElsewhere: boolean, now: number): Sighting | undefined => {
    if (!rule.enabled) return undefined;
    if (isElsewhere)
      return elsewhere(high, low, now) ? { kind, severity: "critical", detail: "from_elsewhere" } : undefined;
    return here(high, low, now) ? { kind, severity: "warning" } : undefined;
  };
}

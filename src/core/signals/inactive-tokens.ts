import { audienceProbing } from "./audience-probing.ts";
import type { Cooldown } from "./cooldown.ts";
import { deadTokenUse } from "./dead-token-use.ts";
import type { Observation, ObservedToken } from "./observation.ts";
import { proofMisuse } from "./proof-misuse.ts";
import type { DetectorRules } from "./rules.ts";
import { present, type Sighting } from "./sighting.ts";

/** What a genuine token shows that got no active answer. */
export function inactiveTokens(
  rules: DetectorRules,
  { dead, probed, seed }: { dead: number; probed: number; seed: number },
  cooldown: (kind: keyof DetectorRules, what?: string) => Cooldown,
  isElsewhere: (observation: Observation, token: ObservedToken) => boolean,
): (observation: Observation, token: ObservedToken, now: number) => readonly Sighting[] {
  const table = { entries: dead, seed };
  const revoked = deadTokenUse("revoked_token_used", rules.revoked_token_used, table, [
    cooldown("revoked_token_used", "first"),
    cooldown("revoked_token_used"),
  ]);
  const expired = deadTokenUse("expired_token_used", rules.expired_token_used, table, [
    cooldown("expired_token_used", "first"),
    cooldown("expired_token_used"),
  ]);
  const probing = audienceProbing(rules.audience_probing, { entries: probed, seed }, cooldown("audience_probing"));
  const misuseOf = (kind: "proof_replayed" | "proof_of_another_key") =>
    proofMisuse(kind, rules[kind], [cooldown(kind), cooldown(kind, "elsewhere")]);
  const replayed = misuseOf("proof_replayed");
  const otherKey = misuseOf("proof_of_another_key");

  const judge = (observation: Observation, token: ObservedToken, now: number): Sighting | undefined => {
    const { outcome, proofKey } = observation;
    if (outcome === "revoked") return revoked(token, now);
    if (outcome === "expired") return expired(token, now);
    if (outcome === "audience_mismatch") return probing(observation, token, now);
    if (outcome === "proof_replayed") return replayed(token, isElsewhere(observation, token), now);
    if (outcome !== "invalid_proof" || proofKey === undefined) return undefined;
    return otherKey(token, isElsewhere(observation, token), now);
  };
  return (observation, token, now) => present([judge(observation, token, now)]);
}

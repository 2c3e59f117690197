import type { SignalKind } from "./signal.ts";

/** The kinds that are judged from what is observed. Those that a decision finds need no rule. */
type DetectedKind = Exclude<SignalKind, "refresh_token_reuse" | "refresh_retry_context_changed" | "store_rollback">;

/** `cooldownMs`: for so long the same is not told again of the same token, caller or network. */
type Rule<Numbers = unknown> = { enabled: boolean; cooldownMs: number } & Numbers;

/** A dead token that is used on so many `occasions` within the window: uses that are less than `apartMs` apart are one. */
type Repeated = { occasions: number; apartMs: number; windowMs: number };

/** By the kinds' own names. Times in milliseconds, judged to the second. Counts are what one process sees. */
export type DetectorRules = {
  revoked_token_used: Rule<Repeated>;
  expired_token_used: Rule<Repeated>;
  token_context_changed: Rule;
  /** `networks`: 40 at most, so many can be told apart. */
  token_in_many_networks: Rule<{ networks: number; windowMs: number }>;
  /** `uses` in a window that are also `times` as many as the token's mean, of a token that has been known for `habitMs`. */
  token_velocity: Rule<{ uses: number; times: number; windowMs: number; habitMs: number }>;
  /** `audiences` that the token is not for: 12 at most. */
  audience_probing: Rule<{ audiences: number; windowMs: number }>;
  /** Of one caller `byCaller`, if that is at least `share` of all that it asks; of one network `byNetwork`. */
  bad_token_burst: Rule<{ byCaller: number; share: number; byNetwork: number; windowMs: number }>;
  unknown_key_burst: Rule<{ byCaller: number; share: number; windowMs: number }>;
  refresh_token_forged: Rule;
  proof_replayed: Rule;
  proof_of_another_key: Rule;
} & Record<DetectedKind, Rule>;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Above what honest traffic does (docs/signals.md has the figures). */
export const DEFAULT_RULES: DetectorRules = {
  revoked_token_used: { enabled: true, occasions: 5, apartMs: 10 * SECOND, windowMs: HOUR, cooldownMs: HOUR },
  expired_token_used: { enabled: true, occasions: 5, apartMs: 5 * MINUTE, windowMs: HOUR, cooldownMs: HOUR },
  token_context_changed: { enabled: true, cooldownMs: HOUR },
  token_in_many_networks: { enabled: true, networks: 12, windowMs: HOUR, cooldownMs: HOUR },
  token_velocity: { enabled: true, uses: 100, times: 20, windowMs: MINUTE, habitMs: 5 * MINUTE, cooldownMs: HOUR },
  audience_probing: { enabled: true, audiences: 5, windowMs: 10 * MINUTE, cooldownMs: HOUR },
  bad_token_burst: {
    enabled: true,
    byCaller: 20,
    share: 0.05,
    byNetwork: 10,
    windowMs: MINUTE,
    cooldownMs: 10 * MINUTE,
  },
  unknown_key_burst: { enabled: true, byCaller: 30, share: 0.05, windowMs: MINUTE, cooldownMs: 10 * MINUTE },
  refresh_token_forged: { enabled: true, cooldownMs: 10 * MINUTE },
  proof_replayed: { enabled: true, cooldownMs: 10 * MINUTE },
  proof_of_another_key: { enabled: true, cooldownMs: 10 * MINUTE },
};

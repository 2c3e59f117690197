import type { Caller } from "./caller.ts";
import type { ClientContext } from "./client-context.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import type { PresentedProof } from "./proof/presented-proof.ts";
import type { Marks } from "./revocations/marks.ts";
import type { Secret } from "./secret.ts";
import type { Signal } from "./signals/signal.ts";

export type IntrospectRequest = {
  token: Secret;
  /** A subset of the caller's audiences; empty means all of them. */
  audience: readonly string[];
  requiredScopes: readonly string[];
  /** Ignored for a token that is not bound to a key. */
  proof?: (() => PresentedProof) | undefined;
  /** A revision that the answer must know of. */
  atLeastAsFresh?: string | undefined;
  /** Whether to tell by what a revocation would name the token. */
  withMarks?: boolean;
  context?: ClientContext | undefined;
  /** Whether to tell what the call itself showed of misuse. */
  withSignals?: boolean;
  /** Of a call that asks about many: its span is no one token's. */
  isOneOfMany?: boolean;
};

export type Challenge = "insufficient_scope" | "use_dpop_nonce";

export type Introspection =
  | {
      active: true;
      /** What `Environment.describe` said of it, and what follows that, as one. To be called at once. */
      answerWith: (rest: Uint8Array) => Uint8Array;
      /** Up to where all revocations are known. */
      revision: string;
      /** How long ago that was last proved, where it is longer than it should be. In milliseconds. */
      staleForMs?: number;
      /** For how long the caller may keep the answer, where it may. In milliseconds. */
      cacheableForMs?: number;
      /** Where they were asked for. A copy. */
      marks?: Marks;
      /** Where they were asked for. */
      signals?: readonly Signal[];
    }
  | {
      active: false;
      /** For telemetry. Never answer with it: that is what `inactiveReason` is for. */
      outcome: InactiveReason;
      challenge?: Challenge;
      /** Present with the challenge `use_dpop_nonce`. */
      dpopNonce?: string;
      /** Present only for callers that may diagnose. */
      inactiveReason?: InactiveReason;
      /** Where they were asked for, and for callers alone that may diagnose. */
      signals?: readonly Signal[];
    };

export type ActiveIntrospection = Extract<Introspection, { active: true }>;

/** How long the caller may keep an answer, where it may. @param until in milliseconds, when the token expires */
export function keeping({ cacheableForMs }: Caller, now: number, until: number) {
  const left = Math.floor(Math.min(cacheableForMs, until - now));
  return left > 0 ? { cacheableForMs: left } : undefined;
}

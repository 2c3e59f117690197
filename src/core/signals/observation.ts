import type { Limit } from "../caller.ts";
import type { OtherKey } from "../proof/other-key.ts";
import type { Traceable } from "../traceable.ts";
import type { InactiveReason } from "../inactive-reason.ts";

/** What one introspection shows. Detectors keep digests of it, and nothing else. */
export type Observation = {
  /** By the store's clock: milliseconds since the epoch. */
  at: number;
  caller: string;
  outcome: "active" | InactiveReason;
  /** Those that were asked for. */
  audiences: Limit;
  /** Whence the client came, as the caller forwards it. */
  clientIp?: string | undefined;
  userAgent?: string | undefined;
  /** Where a proof of possession was one of another key than the token is bound to: the outcome is `invalid_proof`. */
  proofKey?: OtherKey | undefined;
  /** It has the form of a refresh token of ours. */
  isRefreshToken?: boolean | undefined;
  /** Absent where it is not known to be genuine. */
  token?: ObservedToken | undefined;
};

export type ObservedToken = {
  /** 64 bits of its SHA-256, as two signed numbers of 32. */
  high: number;
  low: number;
  kind: "access" | "refresh";
  /** Whence it was issued, where it says so: see `issued-from.ts`. */
  readonly issuedFrom: string | undefined;
  /** For what is found alone: to be asked at once, and costly. */
  origin(): Traceable & { client_id?: string | undefined };
};

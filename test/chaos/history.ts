/** What clients did and what they were told, call by call, on one monotonic clock: all that the checker judges by. */
import { createHash } from "node:crypto";

/** `unknown`: it may have happened or not. `failed`: it has not. */
export type Outcome = "ok" | "failed" | "unknown";

/** Stands for a token, so that a history that is kept opens nothing. */
export type TokenName = string;

/** What a mint or a refresh gave. */
export type Given = { access: TokenName; refresh: TokenName; sid: string };

export type Named =
  | { by: "token"; token: TokenName }
  | { by: "sid"; sid: string }
  | {
      by: "subject";
      subject: string;
      /** The cut-off, in milliseconds of the store's time, where the revocation named one. */
      bornBy?: number;
    };

type Mint = { call: "mint"; detail: { subject: string; given?: Given } };
type Refresh = { call: "refresh"; detail: { subject: string; sid: string; presented: TokenName; given?: Given } };
type Revoke = { call: "revoke"; detail: { named: Named } };
type Introspect = {
  call: "introspect";
  detail: {
    token: TokenName;
    /** Undefined unless the outcome is ok. */
    active?: boolean;
    /** Asked with the revision of a revocation that names the token. */
    asFresh?: boolean;
  };
};

export type Attempt = Mint | Refresh | Revoke | Introspect;

export type Recorded<One extends Attempt = Attempt> = One & {
  /** Who called. */
  client: string;
  /** The instance that was called. */
  at: string;
  /** Milliseconds of `performance.now` in the process of the clients. */
  begun: number;
  ended: number;
  outcome: Outcome;
  /** The status and reason of what did not succeed. */
  because?: string;
};

export type Call<Name extends Attempt["call"]> = Recorded<Extract<Attempt, { call: Name }>>;

export type History = {
  /** Append-only. */
  records: readonly Recorded[];
  append(record: Recorded): void;
  /** Every token that anybody was given, in the clear: what is asked about at the end. Never kept. */
  given: Set<string>;
};

export function openHistory(): History {
  const records: Recorded[] = [];
  return { records, append: (record) => void records.push(Object.freeze(record)), given: new Set() };
}

export function nameOf(token: string): TokenName {
  return createHash("sha256").update(token).digest("base64url").slice(0, 16);
}

/** The port of the revocation log: what a store takes and tells, and who follows it. */

/**
 * What an acknowledged write survives: `volatile` nothing (allowed for trials only), `local` a crash of the store's machine,
 * `replicated` the loss of that machine too.
 */
export type Durability = "volatile" | "local" | "replicated";

export type Acknowledgement = {
  /** Opaque position in the revocation log, naming the store's incarnation too. */
  revision: string;
  durability: Durability;
};

/** How long a revocation is kept: until a time (milliseconds), for the greatest lifetime the store has ever been told, or for good. */
export type Keep = number | "greatest-lifetime" | "for-good";

/** A revocation as the store sees it: whom it names is a keyed digest, the readable selector and reason are sealed. */
export type Revocation = {
  /** 16 bytes: see `selectorDigest`. */
  digest: Buffer;
  /** Milliseconds: only what was born at or before is revoked. Absent: absolute. */
  cutOff?: number;
  /** The cut-off means now: the store raises it to its own time where that is later. */
  cutOffNow?: true;
  keep: Keep;
  sealed: Buffer;
};

/** A revocation as the live set and every view hold it. */
export type HeldRevocation = {
  /** 16 bytes: see `selectorDigest`. */
  digest: Buffer;
  /** Milliseconds: only what was born at or before is revoked. Absent: absolute. */
  cutOff?: number;
  /** Milliseconds of store time, margin included: from then on nothing it names can be alive. Absent: kept for good. */
  keepUntil?: number;
};

/**
 * An entry of the log. `sealed` is empty where a follower put back what the store had lost. `appendedAt` in milliseconds of store time, where
 * whoever tells the log knows it.
 */
export type LoggedRevocation = HeldRevocation & { revision: string; sealed: Buffer; appendedAt?: number };

/** Who follows the log. What is taken again changes nothing: of two revocations with one digest the stronger wins. */
export type RevocationFollower = {
  /** About so many are held in the store, and taken next: for whoever wants to make room at once. */
  expect?(count: number): void;
  /** A part of the live set: at a start, and when the log does not reach back to where the follower was. Nothing held is dropped. */
  takeHeld(revocations: readonly HeldRevocation[]): void;
  /** Entries of the log, in its order. */
  takeLogged(entries: readonly LoggedRevocation[]): void;
  /** When entries of the log were written that were taken a moment ago without their places in it: milliseconds of store time. */
  takeTimes?(appendedAt: readonly number[]): void;
  /**
   * The store was asked at `askedAt` (milliseconds of `performance.now`), answered that it is whole and ours, and everything up to its
   * head then, `revision`, has been taken.
   */
  proved(revision: string, askedAt: number): void;
  /** What was proved counts no more, and what is told next does not follow on what was told: the store has gone back, is another, or what was taken may have a gap. Until the next proof. */
  doubted(): void;
  /** Everything that is held, for a store that has lost some of it. */
  held(): Iterable<HeldRevocation>;
};

export type Following = {
  /**
   * Asks the store now, unless it is being asked already: then all wait for one answer. Resolves after `proved`.
   * @throws AssayError `store_unavailable`, within the store's time limit
   */
  prove(): Promise<void>;
  /** As `prove`, never by an answer to what was asked before: what was read meanwhile came before it. */
  proveAnew(): Promise<void>;
  /**
   * Resolves when the log was seen to hold the revision, or the store to have been healed since, and a proof that was asked for by then
   * says that everything up to it has been taken.
   * @throws AssayError `store_unavailable`; `invalid_request` for what is no revision
   */
  reach(revision: string): Promise<void>;
  stop(): Promise<void>;
};

export type RevocationStore = {
  /**
   * Appends to the log and changes the live set, in one atomic step. Idempotent: of two revocations with one digest the
   * stronger wins (absolute over a cut-off, the later cut-off, the longer keep), and nothing is appended when the live set
   * already holds one as strong. Resolves when the write is durable.
   * @returns what the live set holds now
   * @throws AssayError `store_unavailable` (outcome unknown), `store_full` (nothing written)
   */
  append(revocation: Revocation): Promise<Acknowledgement & { held: HeldRevocation }>;
  /**
   * Tells the follower the live set, then every entry of the log as it comes, and proofs of freshness a few times within
   * a second. Goes on through errors until stopped. One follower a store.
   */
  follow(follower: RevocationFollower): Following;
  /** What was sealed with live revocations; undefined where there is none. At most 500 at once. @throws AssayError `store_unavailable` */
  readSealed(digests: readonly Buffer[]): Promise<ReadonlyArray<Buffer | undefined>>;
};

/** What the core needs from outside. Adapters in `store/`, `keys/` and `telemetry/` implement these; `main.ts` joins them. */
import type { CryptoKey, JSONWebKeySet } from "jose";
import type { Signal } from "./signal.ts";

/** The store's time: milliseconds since the epoch. Never the wall clock of an instance whose store is elsewhere. */
export type Clock = { now(): number };

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

/** An entry of the log. `sealed` is empty where a follower put back what the store had lost. */
export type LoggedRevocation = HeldRevocation & { revision: string; sealed: Buffer };

/** Who follows the log. What is taken again changes nothing: of two revocations with one digest the stronger wins. */
export type RevocationFollower = {
  /** About so many are held in the store, and taken next: for whoever wants to make room at once. */
  expect?(count: number): void;
  /** A part of the live set: at a start, and when the log does not reach back to where the follower was. Nothing held is dropped. */
  takeHeld(revocations: readonly HeldRevocation[]): void;
  /** Entries of the log, in its order. */
  takeLogged(entries: readonly LoggedRevocation[]): void;
  /**
   * The store was asked at `askedAt` (milliseconds of `performance.now`), answered that it is whole and ours, and everything up to its
   * head then, `revision`, has been taken.
   */
  proved(revision: string, askedAt: number): void;
  /** What was proved counts no more: the store has gone back, is another, or what was taken may have a gap. Until the next proof. */
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

/** A family's rotation state. Constant in size however often it rotates. All times in milliseconds. */
export type FamilyRecord = {
  /** The current generation; the first is 0. */
  generation: number;
  /** The MAC key that made the current generation's refresh token. */
  macKeyId: number;
  /** When the current generation began. */
  rotatedAt: number;
  /** When the current refresh token expires unused; at most `expiresAt`. */
  idleExpiresAt: number;
  /** When the family ends, however often it is refreshed. */
  expiresAt: number;
  dead: boolean;
  /** What the family grants, sealed under a key of ours that no store knows. */
  sealed: Buffer;
};

export type Rotation = {
  /** The generation of the refresh token that was presented; its MAC is good. */
  presented: number;
  now: number;
  /** 16 bytes: keyed digest of what a retry must repeat (client, binding, scope). */
  request: Buffer;
  /** 16 bytes: keyed digest of whence the request came. */
  context: Buffer;
  /** The MAC key for the successor. */
  macKeyId: number;
  /** How long after a rotation the predecessor may be retried; 0 turns it off. */
  graceMs: number;
  /** How long the successor lives unused. */
  idleMs: number;
};

/** The successor of a rotation, as the family's record knows it after the step. */
export type Successor = {
  generation: number;
  macKeyId: number;
  rotatedAt: number;
  idleExpiresAt: number;
};

/** The rows of the rotation table. Only `rotated` changes the record. */
export type RotationOutcome =
  | { outcome: "rotated"; successor: Successor }
  | { outcome: "retried"; successor: Successor; contextChanged: boolean }
  /** A predecessor presented again out of its grace, or with another request. */
  | { outcome: "predecessor_reused" }
  /** A generation before the predecessor. */
  | { outcome: "stale_generation" }
  /** A generation that the store has not reached: it has gone back in time. */
  | { outcome: "beyond_current" }
  | { outcome: "dead" }
  | { outcome: "expired" }
  | { outcome: "unknown" };

/** Families are known by 16 bytes: a keyed digest of the family id. */
export type FamilyStore = {
  /** @throws AssayError `store_unavailable`, `store_full` */
  create(id: Buffer, record: Omit<FamilyRecord, "dead" | "generation">): Promise<void>;
  read(id: Buffer): Promise<FamilyRecord | undefined>;
  /** One atomic step on the family's record alone; durable when it resolves. Checks in the order dead, beyond current, expired, generation. */
  rotate(id: Buffer, rotation: Rotation): Promise<RotationOutcome>;
  /** Marks a family dead. Idempotent; unknown families are left unknown. */
  kill(id: Buffer): Promise<void>;
};

/** Opaque access tokens are known by SHA-256 of the token; what they grant is sealed under a key derived from the token. */
export type OpaqueTokenStore = {
  /** Idempotent: what was put first stays. `expiresAt` in milliseconds. @throws AssayError `store_unavailable`, `store_full` */
  put(digest: Buffer, sealed: Buffer, expiresAt: number): Promise<void>;
  /** May go on returning an expired record for a while. */
  get(digest: Buffer): Promise<Buffer | undefined>;
};

/** Whether a proof of possession is used for the first time, by the very request that used it before, or by another. */
export type ProofUse = "first" | "same_request" | "replayed";

export type ReplayStore = {
  /**
   * Remembers the use of a proof until `expiresAt` (milliseconds), in one atomic step: of any number of concurrent uses exactly
   * one is the first. Keys and requests are keyed digests of 16 bytes; without a request every later use is a replay.
   * @throws AssayError `store_unavailable`, `store_full`
   */
  remember(key: Buffer, request: Buffer | undefined, expiresAt: number): Promise<ProofUse>;
};

/** The sealed keys of a deployment as one text, and a version that each change raises. Version 0: there never were any. */
export type StoredKeyring = { version: number; records: string };

export type KeyringStore = {
  /** @throws AssayError `store_unavailable`, also when a keyring that was there has gone: nobody makes another then */
  read(): Promise<StoredKeyring>;
  /**
   * Puts the records in place of those of `version`, in one atomic step: of any number of concurrent changes of one version
   * exactly one is made. Durable when it resolves. The records hold no material that is not sealed.
   * @returns false when the store holds another version
   * @throws AssayError `store_unavailable` (outcome unknown), `store_full`
   */
  swap(version: number, records: string): Promise<boolean>;
};

export type Store = {
  clock: Clock;
  revocations: RevocationStore;
  families: FamilyStore;
  opaqueTokens: OpaqueTokenStore;
  keyrings: KeyringStore;
  replays: ReplayStore;
  /** Removes a bounded number of expired things; resolves to how many went. Call again while it is not 0. */
  purge(): Promise<number>;
  /** Undefined when the store answers and is safe to use, else a sentence that says what is wrong and how to mend it. */
  problem(): Promise<string | undefined>;
  close(): Promise<void>;
};

export type SigningAlgorithm = "EdDSA" | "ES256" | "PS256" | "RS256" | "ML-DSA-65";

export type SigningKey = { kid: string; alg: SigningAlgorithm; privateKey: CryptoKey };

/** Keys that change: what was verified by one of a set is remembered as long as the set is in use. */
export type KeySource = {
  /** The set in use now. Undefined where it is not known, or so old that it must be loaded anew. */
  inUse(): object | undefined;
  /** When that set was asked for, in milliseconds of `performance.now`: of keys that are newer it says nothing. Undefined while there is none. */
  askedAt(): number | undefined;
};

/** A key with the set that it was found in. */
export type Found<Key> = Key & { in: object };

/** The keys that verify our own tokens. Every operation but those of `KeySource` throws AssayError `keys_unavailable` before they are known. */
export type VerificationKeys = KeySource & {
  /** Undefined when the deployment has no such key; a name that is new here is looked for where the keys come from. */
  verificationKey(kid: string): Promise<Found<{ alg: SigningAlgorithm; publicKey: CryptoKey }> | undefined>;
  /** What may be published, and for how long it may be cached: a key is published for longer than that before its first use. */
  published(): { jwks: JSONWebKeySet; cacheableForMs: number };
};

/** Our own signing keys, the same at every instance. */
export type Keyring = VerificationKeys & {
  /** The key that signs now: never one that is known to be revoked. */
  active(): SigningKey;
  /**
   * Takes over what has changed in the store, and replaces keys of ours that have been revoked.
   * @throws AssayError `store_unavailable`
   */
  takeOver(): Promise<void>;
};

export type MacKey = { id: number; key: Buffer };

/** The keys that make refresh tokens, by a 32-bit id. As with `Keyring`. */
export type MacKeys = {
  active(): MacKey;
  byId(id: number): Promise<Buffer | undefined>;
};

/** `kid` is the issuer's name for it, whether or not a token says it: by that name the key is revoked. */
export type IssuerKey = { key: CryptoKey; kid?: string | undefined };

/** The keys of a foreign issuer. */
export type IssuerKeys = KeySource & {
  /** Undefined when the issuer publishes no such key. @throws AssayError `keys_unavailable` */
  find(header: { alg: string; kid?: string }): Promise<Found<IssuerKey> | undefined>;
};

export type SignalSink = {
  emit(signal: Signal): void;
  /** Says nothing, and takes the caller as long: where the time must not tell whether there was a signal. */
  pass(): void;
};

/** Runs the work under a named span. Attributes must be free of tokens, secrets and personal data. */
export type Trace = <T>(
  name: string,
  attributes: Readonly<Record<string, string>>,
  work: () => Promise<T>,
) => Promise<T>;

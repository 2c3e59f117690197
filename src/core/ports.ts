/** What the core needs from outside. Adapters in `store/`, `keys/` and `telemetry/` implement these; `main.ts` joins them. */
import type { CryptoKey, JSONWebKeySet } from "jose";
import type { AtOnce } from "./at-once.ts";
import type { AuditEvent } from "./audit.ts";
import type { SecurityEvent } from "./events/security-event.ts";
import type { RevocationStore } from "./revocation-log.ts";
import type { SignalFollower } from "./signals/signal-follower.ts";
import type { Finding, Signal } from "./signals/signal.ts";

/** The store's time: milliseconds since the epoch. Never the wall clock of an instance whose store is elsewhere. */
export type Clock = {
  now(): number;
  /** As `now`, never ahead of the store's own: earlier by as much as that is in doubt. Absent: there is no doubt. */
  earliest?(): number;
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
  /** 16 bytes, which say whence the request came to who holds the key: a retry is told those of the rotation. */
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
  | { outcome: "retried"; successor: Successor; /** Of the rotation that is retried. */ context: Buffer }
  /** A predecessor presented again out of its grace, or with another request. */
  | { outcome: "predecessor_reused" }
  /** A generation before the predecessor. */
  | { outcome: "stale_generation" }
  /** A generation that the store has not reached: it has gone back in time. */
  | { outcome: "beyond_current" }
  | { outcome: "dead" }
  | { outcome: "expired" }
  | { outcome: "unknown" };

/** What became of a refresh token that was presented: as in the rotation table, or `refused` before its state was looked at. */
export type RotationEnd = RotationOutcome["outcome"] | "refused";

/** Hears of each, for telemetry. */
export type CountRotations = (end: RotationEnd) => void;

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

export type NetworkStore = {
  /**
   * Notes that a token came from a network, and says from about how many it came within the window, over all instances. Those of the
   * window's latest half are counted, those from before the window are not, and those between may be. Idempotent. However many networks
   * and tokens there are, the store bounds what it keeps: it may forget the tokens that it has known the longest.
   * @param token 16 bytes: a keyed digest, so that a stolen store does not tell it
   * @param network as `token`
   * @param windowMs whole milliseconds, of one token always the same
   * @returns 1 or more
   * @throws AssayError `store_unavailable`, `store_full`
   */
  count(token: Buffer, network: Buffer, windowMs: number): Promise<number>;
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

/** What the instances of a deployment tell each other of misuse. Nothing depends on it: what it loses is lost. */
export type SignalStore = {
  /** @throws AssayError `store_unavailable`, `store_full`: some may have been told */
  publish(signals: readonly Signal[]): Promise<void>;
  /** Tells those of all instances, until it is stopped. Once. */
  follow(follower: SignalFollower): { stop(): Promise<void> };
};

export type Store = {
  clock: Clock;
  revocations: RevocationStore;
  families: FamilyStore;
  opaqueTokens: OpaqueTokenStore;
  keyrings: KeyringStore;
  replays: ReplayStore;
  networks: NetworkStore;
  /** Absent where no other machine has the store. */
  signals?: SignalStore;
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
};

/** A key with the set that it was found in. */
export type Found<Key> = Key & { in: object };

/** The keys that verify our own tokens. Every operation but those of `KeySource` throws AssayError `keys_unavailable` before they are known. */
export type VerificationKeys = KeySource & {
  /** Undefined when the deployment has no such key; a name that is new here is looked for where the keys come from. */
  verificationKey(kid: string): Promise<Found<{ alg: SigningAlgorithm; publicKey: CryptoKey }> | undefined>;
  /**
   * Asks for them where they come from, for who must know that there is no other key. Shared with whoever asks meanwhile, never begun before.
   * @throws AssayError `keys_unavailable`, `store_unavailable`
   */
  readAnew(): Promise<void>;
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
  /** At once where it is known. */
  byId(id: number): AtOnce<Buffer | undefined>;
};

/** `kid` is the issuer's name for it, whether or not a token says it: by that name the key is revoked. */
export type IssuerKey = { key: CryptoKey; kid?: string | undefined };

/** The keys of a foreign issuer. */
export type IssuerKeys = KeySource & {
  /** When the set in use was asked for, in milliseconds of `performance.now`: of keys that are newer it says nothing. Undefined while there is none. */
  askedAt(): number | undefined;
  /** Undefined when the issuer publishes no such key. @throws AssayError `keys_unavailable` */
  find(header: { alg: string; kid?: string }): Promise<Found<IssuerKey> | undefined>;
};

export type SignalSink = {
  /** @returns it as it is told */
  emit(finding: Finding): Signal;
  /** Says nothing, and takes the caller as long: where the time must not tell whether there was a signal. */
  pass(): void;
};

/** Where the audit trail goes. Events are numbered in the order in which they are told. */
export type AuditSink = {
  /**
   * Never throws, and never waits.
   * @param event asked for, if at all, when the call has been answered; of what was done before that, too, where its span is recorded
   * @param end what can be known of it without asking
   */
  tell(event: () => AuditEvent, end: "done" | "not_done"): void;
};

/** Where events go that receivers are told of (RFC 8417). */
export type SecurityEvents = {
  /** Never throws, and never waits. `event` is asked for, if at all, when the call has been answered. */
  tell(event: () => SecurityEvent): void;
};

/** Runs the work under a named span. Attributes must be free of tokens, secrets and personal data. */
export type Trace = <T>(
  name: string,
  attributes: Readonly<Record<string, string>>,
  work: () => Promise<T>,
) => Promise<T>;

/** What is to be changed in a keyring at a moment: a decision on times and names alone, without any material. */
import type { SigningAlgorithm } from "../core/ports.ts";
import type { KeyKind, KeyRecord } from "./key-record.ts";
import { activeOf, byActivation, removedAt } from "./states.ts";

/** Times in milliseconds. */
export type KeyringPolicy = {
  /** For signing keys made from now on. */
  algorithm: SigningAlgorithm;
  /** How long a key is known everywhere before its first use. */
  publishBeforeMs: number;
  /** 0: never by age. */
  rotateEveryMs: number;
  /** How long what a key makes may live. */
  keepMs: Readonly<Record<"signing" | "mac", number>>;
};

export type WantedKey = { kind: KeyKind; alg: string; activatesAt: number; keepMs: number };

export type KeyringPlan = {
  /** The records that stay, some of them changed. */
  records: readonly KeyRecord[];
  /** Keys to be made besides. */
  wanted: readonly WantedKey[];
  isChange: boolean;
};

export type Situation = {
  now: number;
  policy: KeyringPolicy;
  /** Names of keys that a revocation names. */
  revoked: ReadonlySet<string>;
  /** Whether this instance may add keys: not when it lacks the master key under which the others are sealed. */
  maySeal: boolean;
};

const ROTATING = ["signing", "mac"] as const;
/** Symmetric keys have one use and no choice. */
const MAC_ALGORITHM = "HS256";
const ROOT_ALGORITHM = "HKDF-SHA-256";

/** One key of each kind, used at once: nothing has been made with any other. */
export function firstKeys(situation: Situation): WantedKey[] {
  const root: WantedKey = { kind: "data", alg: ROOT_ALGORITHM, activatesAt: situation.now, keepMs: 0 };
  return [root, ...planKeyring([], situation).wanted];
}

/** A successor that comes into use once every instance and follower has had time to learn of it. */
export function successor(kind: "signing" | "mac", { now, policy }: Pick<Situation, "now" | "policy">): WantedKey {
  return wantedKey(kind, policy, now + policy.publishBeforeMs);
}

export function planKeyring(records: readonly KeyRecord[], situation: Situation): KeyringPlan {
  const root = { records: records.filter(({ kind }) => kind === "data"), wanted: [], isChange: false };
  return ROTATING.map((kind) => planKind(kind, ofKind(records, kind), situation)).reduce<KeyringPlan>(
    (all, plan) => ({
      records: [...all.records, ...plan.records],
      wanted: [...all.wanted, ...plan.wanted],
      isChange: all.isChange || plan.isChange,
    }),
    root,
  );
}

export function ofKind(records: readonly KeyRecord[], kind: KeyKind): KeyRecord[] {
  return records.filter((record) => record.kind === kind);
}

function planKind(kind: "signing" | "mac", records: readonly KeyRecord[], situation: Situation): KeyringPlan {
  const { now, policy, maySeal } = situation;
  const judged = records
    .map((record) => withGreaterKeep(record, policy.keepMs[kind]))
    .flatMap((record) => withRevocation(record, situation));
  const kept = judged.filter((record) => (removedAt(record, judged) ?? Infinity) > now);
  const replaced = activeOf(kept, now) === undefined ? promoteNext(kept, now) : kept;
  const isLacking = activeOf(replaced, now) === undefined && replaced.every(({ activatesAt }) => activatesAt <= now);
  const wanted: WantedKey[] = [];
  if (maySeal && isLacking) wanted.push(wantedKey(kind, policy, afterAll(replaced, now)));
  else if (maySeal && isOld(replaced, situation)) wanted.push(successor(kind, situation));
  const isChange = wanted.length > 0 || JSON.stringify(replaced) !== JSON.stringify(records);
  return { records: replaced, wanted, isChange };
}

/** Lifetimes may have been lowered since it was made: what lives longer lives on. */
function withGreaterKeep(record: KeyRecord, keepMs: number): KeyRecord {
  return record.keepMs >= keepMs ? record : { ...record, keepMs };
}

/** One that was revoked before its first use has made nothing that should be known again. */
function withRevocation(record: KeyRecord, { now, revoked }: Situation): KeyRecord[] {
  if (record.revokedAt !== undefined || !revoked.has(record.id)) return [record];
  return record.activatesAt > now ? [] : [{ ...record, revokedAt: now }];
}

/** Where the active key was revoked, the next one, if any, is used at once. */
function promoteNext(records: readonly KeyRecord[], now: number): KeyRecord[] {
  const next = byActivation(records).find((record) => record.activatesAt > now);
  const others = records.filter((record) => record !== next);
  return next === undefined ? others : [...others, { ...next, activatesAt: afterAll(others, now) }];
}

/** Now, but after every key that has been in use. */
function afterAll(records: readonly KeyRecord[], now: number): number {
  const used = records.filter(({ activatesAt }) => activatesAt <= now);
  return Math.max(now, ...used.map(({ activatesAt }) => activatesAt + 1));
}

function isOld(records: readonly KeyRecord[], { now, policy }: Situation): boolean {
  const newest = byActivation(records).at(-1);
  if (newest === undefined || policy.rotateEveryMs === 0) return false;
  return newest.activatesAt + policy.rotateEveryMs - policy.publishBeforeMs <= now;
}

function wantedKey(kind: "signing" | "mac", policy: KeyringPolicy, activatesAt: number): WantedKey {
  const alg = kind === "signing" ? policy.algorithm : MAC_ALGORITHM;
  return { kind, alg, activatesAt, keepMs: policy.keepMs[kind] };
}

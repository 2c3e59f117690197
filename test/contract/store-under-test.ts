/** What the contract suite knows of a store beyond its port, and the values that its cases are made of. */
import { randomBytes } from "node:crypto";
import type { Clock, FamilyRecord, Rotation, Store } from "../../src/core/ports.ts";
import type { Revocation } from "../../src/core/revocation-log.ts";
import type { StoreAddress } from "./open-store.ts";

export type OpenChanges = { clock?: Clock; greatestLifetimeMs?: number; log?: (event: { event: string }) => void };

/** One empty store, which goes when the test has finished. */
export type StoreUnderTest = {
  /** For another process to open it. */
  address: StoreAddress;
  /** Opens it, also several times at once; closed when the test has finished. */
  open(changes?: OpenChanges): Promise<Store>;
  /** As a newer version of Assay would have written. */
  writeSchemaVersion(version: number): Promise<void>;
  readGreatestLifetime(): Promise<number>;
  /** The bytes that a family's record occupies. */
  familySize(id: Buffer): Promise<number>;
  logLength(): Promise<number>;
  /** What the store holds now, to be put in the place of what it holds later, as an old backup or an old replica would be. */
  snapshot(): Promise<() => Promise<void>>;
};

export type FreshStore = () => Promise<StoreUnderTest>;

/** Far in the future: Redis, whose own clock expires families, must not take part in a fixed time. */
export const NOW = 4_000_000_000_000;
export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const GREATEST_LIFETIME = 30 * DAY;
/** More than the hour of a tolerated clock jump, and leeway. */
export const MARGIN = 2 * HOUR;

export const fixedClock: Clock = { now: () => NOW };

export function at(now: number): Clock {
  return { now: () => now };
}

export function digest(): Buffer {
  return randomBytes(16);
}

/** Absolute, and kept for the greatest lifetime. */
export function revocation(changes: Partial<Revocation> = {}): Revocation {
  return { digest: digest(), keep: "greatest-lifetime", sealed: randomBytes(80), ...changes };
}

export type NewFamily = Omit<FamilyRecord, "dead" | "generation">;

export function newFamily(changes: Partial<NewFamily> = {}): NewFamily {
  return {
    macKeyId: 1,
    rotatedAt: NOW,
    idleExpiresAt: NOW + 7 * DAY,
    expiresAt: NOW + 30 * DAY,
    sealed: randomBytes(200),
    ...changes,
  };
}

const REQUEST = Buffer.alloc(16, 1);
export const CONTEXT = Buffer.alloc(16, 2);

/** A refresh with the first token, one second after the first issue. */
export function rotation(changes: Partial<Rotation> = {}): Rotation {
  return {
    presented: 0,
    now: NOW + SECOND,
    request: REQUEST,
    context: CONTEXT,
    macKeyId: 2,
    graceMs: 10 * SECOND,
    idleMs: 7 * DAY,
    ...changes,
  };
}

export async function createFamily(store: Store, changes: Partial<NewFamily> = {}): Promise<Buffer> {
  const id = digest();
  await store.families.create(id, newFamily(changes));
  return id;
}

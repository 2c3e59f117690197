/**
 * Every key name and every TTL. The text in braces is the hash tag by which a Cluster places a key: the revocation state shares one
 * slot, so that one script may change it; each family and each opaque record has its own, so that they spread evenly.
 */
import { KEEP_MARGIN_MS } from "../retention.ts";

/** Revocations never carry a TTL, which a clock jump would fire: `purge` removes them. */
export const REVOCATIONS = {
  /** Stream: digest, cut_off, keep_until, sealed. Its first entry marks the making of the store. */
  log: "assay:{revocations}:log",
  /** Hash: digest → `CUT_OFF:KEEP_UNTIL:SEALED`; and `INCARNATION_FIELD`. */
  live: "assay:{revocations}:live",
  /** Sorted set: digest by keep-until, without those kept for good. */
  expiry: "assay:{revocations}:expiry",
  /** Hash: schema_version, incarnation, greatest_lifetime_ms, trimmed_to; and keyring, once one has been made. */
  meta: "assay:{revocations}:meta",
} as const;

/** Hash: incarnation, version, records. Without a TTL. */
export const KEYRING = "assay:{keyring}";

/** The canary: a live set without it has lost its contents. No digest can collide with it, being 16 bytes long. */
export const INCARNATION_FIELD = "incarnation";

/** Hash: the rotation state of one family. */
export function familyKey(id: Buffer): string {
  return `assay:family:{${id.toString("base64url")}}`;
}

/** String: the sealed record of one opaque token. */
export function opaqueTokenKey(digest: Buffer): string {
  return `assay:opaque:{${digest.toString("base64url")}}`;
}

/** String: the digest of the request that used a proof. */
export function replayKey(key: Buffer): string {
  return `assay:replay:{${key.toString("base64url")}}`;
}

/** When Redis itself may drop a family or an opaque record. One that is lost too early is refused. */
export function dropAt(expiresAt: number): number {
  return expiresAt + KEEP_MARGIN_MS;
}

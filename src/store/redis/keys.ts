/**
 * Every key name and every TTL. The text in braces is the hash tag by which a Cluster places a key: the revocation state shares one
 * slot, so that one script may change it; each family, opaque record, proof and token has its own, so that they spread evenly.
 */
import { KEEP_MARGIN_MS } from "../retention.ts";

/** Revocations never carry a TTL, which a clock jump would fire: `purge` removes them. */
export const REVOCATIONS = {
  /** Stream: `r` → digest, cut-off, keep-until, sealed (see `revocation-bytes.ts`); or `incarnation`, where one begins. */
  log: "assay:{revocations}:log",
  /** Hash: digest → cut-off, keep-until, sealed (see `revocation-bytes.ts`); and `INCARNATION_FIELD`. */
  live: "assay:{revocations}:live",
  /** Sorted set: digest by keep-until, without those kept for good. */
  expiry: "assay:{revocations}:expiry",
  /**
   * Hash: schema_version, incarnation, greatest_lifetime_ms, trimmed_to; keyring, once one has been made; after a loss also
   * predecessors, awaited (those of them that nobody has put back yet) and, for each incarnation that was healed,
   * `healed_to:INCARNATION` (of a predecessor what is too long ago to be told one by one, else 0-0) and `healed_entries:INCARNATION` (what was
   * lost and put back, one by one).
   */
  meta: "assay:{revocations}:meta",
} as const;

/** String, in the slot of the revocations: what a proof of freshness writes. */
export const HEARTBEAT = "assay:heartbeat:{revocations}";

/** Stream, capped: `s` → a signal as JSON. Without a TTL. Whoever loses it loses what nothing depends on. */
export const SIGNALS = "assay:{signals}";

/** Hash: incarnation, version, records, and root: it names the first keyring, and stays whatever that is changed to. Without a TTL. */
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

/** HyperLogLog: the digests of the networks that a token came from within half a window. Both halves share a slot. */
export function networksKey(token: Buffer, half: number): string {
  return `assay:networks:{${token.toString("base64url")}}:${half}`;
}

/** When Redis itself may drop a family or an opaque record. One that is lost too early is refused. */
export function dropAt(expiresAt: number): number {
  return expiresAt + KEEP_MARGIN_MS;
}

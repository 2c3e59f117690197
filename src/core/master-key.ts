import { createHmac, hkdfSync } from "node:crypto";

/** 32-byte keys, each for one purpose, derived from the master key (HKDF-SHA-256, RFC 5869). */
export type DerivedKeys = {
  /** Digests of revocation selectors and family ids in the store. */
  selector: Buffer;
  /** Fingerprints in signals and telemetry. */
  fingerprint: Buffer;
  /** AES-256-GCM for what must be kept readable for us. */
  sealing: Buffer;
  /** With the token itself, AES-256-GCM for an opaque token's record. */
  opaque: Buffer;
  /** 16 bytes kept in the store, by which an instance with another master key is refused. */
  check: Buffer;
};

export function deriveKeys(masterKey: Buffer): DerivedKeys {
  return {
    selector: derive(masterKey, "selector", 32),
    fingerprint: derive(masterKey, "fingerprint", 32),
    sealing: derive(masterKey, "sealing", 32),
    opaque: derive(masterKey, "opaque", 32),
    check: derive(masterKey, "check", 16),
  };
}

/** A keyed digest of structured values: 16 bytes, unambiguous whatever the values hold. */
export function keyedDigest(key: Buffer, values: readonly (string | number | undefined)[]): Buffer {
  return createHmac("sha256", key).update(JSON.stringify(values)).digest().subarray(0, 16);
}

function derive(masterKey: Buffer, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", masterKey, "", `assay/v1/${purpose}`, length));
}

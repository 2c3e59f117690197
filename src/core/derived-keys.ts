import { hkdfSync } from "node:crypto";
import { hmacSha256 } from "./hmac.ts";

const LENGTH = 32;

/** 32-byte keys that a verifier has too: with them tokens are judged, none can be made or opened. */
export type SharedKeys = {
  /** Digests of revocation selectors and family ids in the store. */
  selector: Buffer;
  /** Fingerprints in signals and telemetry. */
  fingerprint: Buffer;
  /** Nonces that DPoP proofs must carry. */
  nonce: Buffer;
};

/** 32-byte keys, each for one purpose, derived from the root key of the keyring (HKDF-SHA-256, RFC 5869). */
export type DerivedKeys = SharedKeys & {
  /** AES-256-GCM for what must be kept readable for us. */
  sealing: Buffer;
  /** With the token itself, AES-256-GCM for an opaque token's record. */
  opaque: Buffer;
};

/** The root key never changes: what is stored is known by these keys. The master key, which seals it, may. */
export function deriveKeys(rootKey: Buffer): DerivedKeys {
  return {
    selector: derive(rootKey, "selector"),
    fingerprint: derive(rootKey, "fingerprint"),
    sealing: derive(rootKey, "sealing"),
    opaque: derive(rootKey, "opaque"),
    nonce: derive(rootKey, "dpop-nonce"),
  };
}

/** A keyed digest of structured values: 16 bytes, unambiguous whatever the values hold. */
export function keyedDigest(key: Buffer, values: readonly (string | number | undefined)[]): Buffer {
  return Buffer.from(keyedDigestText(key, values), "latin1");
}

/** The same with one byte in each character. */
export function keyedDigestText(key: Buffer, values: readonly (string | number | undefined)[]): string {
  return hmacSha256(key, JSON.stringify(values)).slice(0, 16);
}

function derive(rootKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", rootKey, "", `assay/v1/${purpose}`, LENGTH));
}

/** Symmetric keys of the keyring: 32 random bytes, as an `oct` JWK. */
import { createHmac, randomBytes } from "node:crypto";
import type { JWK } from "jose";
import { macKeyName } from "../core/recognise-refresh-token.ts";

const LENGTH = 32;

export function makeMacKey(): { id: string; jwk: JWK } {
  const key = randomBytes(LENGTH);
  return { id: macKeyName(macKeyId(key)), jwk: jwkOf(key) };
}

export function makeRootKey(): { id: string; jwk: JWK } {
  const key = randomBytes(LENGTH);
  return { id: `data-${digestOf(key, "root-key-id").toString("hex", 0, 4)}`, jwk: jwkOf(key) };
}

/** @throws Error, never with what it read */
export function loadSecretKey({ kty, k }: JWK): Buffer {
  const key = kty === "oct" && typeof k === "string" ? Buffer.from(k, "base64url") : undefined;
  if (key?.length !== LENGTH) throw new Error("not a symmetric key as Assay writes it");
  return key;
}

/** The 32-bit id by which refresh tokens name their MAC key. It follows from the key. */
export function macKeyId(key: Buffer): number {
  return digestOf(key, "mac-key-id").readUInt32BE(0);
}

function digestOf(key: Buffer, purpose: string): Buffer {
  return createHmac("sha256", key).update(`assay/v1/${purpose}`).digest();
}

function jwkOf(key: Buffer): JWK {
  return { kty: "oct", k: key.toString("base64url") };
}

/** JWSs made with node:crypto alone, so that a test can sign what a library would refuse to make. */
import { KeyObject, sign, type webcrypto } from "node:crypto";

/** A JSON object, or the very text or bytes of a part. */
export type JwsPart = Readonly<Record<string, unknown>> | string | Buffer;

/** Signs whatever the parts are, with the algorithm of the key (Ed25519 or P-256), in compact serialization. */
export function signJws(header: JwsPart, payload: JwsPart, key: webcrypto.CryptoKey): string {
  const signedPart = `${encodePart(header)}.${encodePart(payload)}`;
  return `${signedPart}.${signatureOf(signedPart, key).toString("base64url")}`;
}

export function signatureOf(signedPart: string, cryptoKey: webcrypto.CryptoKey): Buffer {
  const key = KeyObject.from(cryptoKey);
  const data = Buffer.from(signedPart);
  if (key.asymmetricKeyType === "ed25519") return sign(null, data, key);
  return sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
}

export function encodePart(part: JwsPart): string {
  const bytes = Buffer.isBuffer(part) ? part : Buffer.from(typeof part === "string" ? part : JSON.stringify(part));
  return bytes.toString("base64url");
}

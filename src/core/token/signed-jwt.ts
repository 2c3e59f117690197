import { after, type AtOnce } from "../at-once.ts";
import type { SigningKey } from "../ports.ts";
import { signatureOf } from "./jws-signature.ts";

/** A JWT of ours, whose type says what it is good for (RFC 8725 section 3.11). */
export function signedJwt({ alg, kid, privateKey }: SigningKey, typ: string, payload: object): AtOnce<string> {
  const signedPart = `${encoded({ alg, kid, typ })}.${encoded(payload)}`;
  return after(
    signatureOf(signedPart, alg, privateKey),
    (signature) => `${signedPart}.${signature.toString("base64url")}`,
  );
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

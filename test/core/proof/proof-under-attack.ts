/** An honest proof in its parts, and how an attack takes them apart. */
import { createHmac } from "node:crypto";
import { type DpopExpectation, type DpopFault, type DpopProof, verifyDpopProof } from "../../../src/core/proof/dpop.ts";
import { type DpopKey, hashOf } from "../../support/dpop.ts";
import { encodePart, type JwsPart, signatureOf } from "../../support/sign-jws.ts";

export const NOW = Date.UTC(2026, 0, 1);
export const IAT = NOW / 1_000;
export const TOKEN = "asy_at_of-which-only-the-hash-matters";

export type Keys = Readonly<Record<"own" | "other" | "ed25519", DpopKey>>;

export type Parts = {
  header: JwsPart;
  payload: JwsPart;
  signature: (signedPart: string) => Buffer;
  expected: DpopExpectation;
  /** What is done to the finished text. */
  spell: (proof: string) => string;
};

/** What an honest client sends, and the receiver expects. */
export function honestParts({ own }: Keys): Parts {
  return {
    header: honestHeader(own),
    payload: honestPayload(),
    signature: signedBy(own),
    expected: {
      http: { method: "GET", uri: "https://api.example/orders/1" },
      accessToken: TOKEN,
      maxAge: 60,
      leeway: 10,
      now: NOW,
    },
    spell: (proof) => proof,
  };
}

export function honestHeader({ alg, publicJwk }: DpopKey) {
  return { typ: "dpop+jwt", alg, jwk: publicJwk };
}

export function honestPayload() {
  return { jti: "-BwC3ESc6acc2lTc", htm: "GET", htu: "https://api.example/orders/1", iat: IAT, ath: hashOf(TOKEN) };
}

export function signedBy({ privateKey }: DpopKey) {
  return (signedPart: string): Buffer => signatureOf(signedPart, privateKey);
}

/** As when a public key is taken for a shared secret. */
export function hmacWith(secret: string) {
  return (signedPart: string): Buffer => createHmac("sha256", secret).update(signedPart).digest();
}

export function verify(parts: Parts): Promise<DpopProof | DpopFault> {
  const signedPart = `${encodePart(parts.header)}.${encodePart(parts.payload)}`;
  const proof = `${signedPart}.${parts.signature(signedPart).toString("base64url")}`;
  return verifyDpopProof(parts.spell(proof), parts.expected);
}

import { createHash, timingSafeEqual } from "node:crypto";
import { compactVerify, type CryptoKey, errors } from "jose";
import { parseCompactJws } from "../token/compact-jws.ts";
import { normaliseHttpUri } from "./http-uri.ts";
import type { HttpRequest } from "./presented-proof.ts";
import { isProofAlgorithm, readProofKey } from "./proof-key.ts";

/** What a proof is held against. Times in seconds, `now` in milliseconds. */
export type DpopExpectation = {
  http: HttpRequest | undefined;
  /** The access token that the proof was presented with; undefined where there is none, as at a token endpoint. */
  accessToken: string | undefined;
  maxAge: number;
  leeway: number;
  now: number;
};

/** A proof that is good, unless its nonce is missing or it was used before. */
export type DpopProof = {
  /** Thumbprint of the key (RFC 7638). */
  jkt: string;
  jti: string;
  /** Normalised. */
  htu: string;
  iat: number;
  nonce: string | undefined;
};

/** What is wrong with a proof, to be read after "the DPoP proof ". */
export type DpopFault =
  | "is not a JWS in compact serialization of two JSON objects, or is too long"
  | "has a typ other than dpop+jwt, or header members that are not allowed"
  | "is signed with an algorithm that is not allowed"
  | "carries no public key that fits its algorithm and is strong enough"
  | "has a bad signature"
  | "lacks jti, htm, htu or iat, or one of its claims is of the wrong type or too long"
  | "came without the HTTP method and URI of the request"
  | "was made for another HTTP method"
  | "was made for another URI"
  | "is too old"
  | "was made in the future"
  | "was made for another access token";

const MAX_LENGTH = 16_384;
const MAX_JTI_LENGTH = 255;
const MAX_NONCE_LENGTH = 255;
/** Members that would change how the proof is read, or name another key than `jwk`. */
const REFUSED = ["crit", "b64", "jku", "x5u", "x5c", "x5t", "x5t#S256", "enc", "zip", "cty"];

/**
 * Whether a DPoP proof was made for this request and token (RFC 9449 section 4.3).
 * Not checked here: whether its key is the one that the token is bound to, its nonce, and whether it was used before.
 */
export async function verifyDpopProof(proof: string, expected: DpopExpectation): Promise<DpopProof | DpopFault> {
  const jws = proof.length > MAX_LENGTH ? undefined : parseCompactJws(proof);
  if (jws === undefined) return "is not a JWS in compact serialization of two JSON objects, or is too long";
  const { typ, alg, jwk } = jws.header;
  if (typ !== "dpop+jwt" || REFUSED.some((member) => Object.hasOwn(jws.header, member)))
    return "has a typ other than dpop+jwt, or header members that are not allowed";
  if (!isProofAlgorithm(alg)) return "is signed with an algorithm that is not allowed";
  // What costs nothing comes before what costs a signature check.
  const claims = readProofClaims(jws.payload);
  if (claims === undefined) return "lacks jti, htm, htu or iat, or one of its claims is of the wrong type or too long";
  const unfit = unfitFor(claims, expected);
  if (unfit !== undefined) return unfit;
  const key = await readProofKey(jwk, alg);
  if (key === undefined) return "carries no public key that fits its algorithm and is strong enough";
  if (!(await isSignatureGood(proof, key.key, alg))) return "has a bad signature";
  const { jti, htu, iat, nonce } = claims;
  return { jkt: key.jkt, jti, htu, iat, nonce };
}

type ProofClaims = {
  jti: string;
  htm: string;
  htu: string;
  iat: number;
  ath: string | undefined;
  nonce: string | undefined;
};

function readProofClaims(payload: Readonly<Record<string, unknown>>): ProofClaims | undefined {
  const { jti, htm, htu, iat, ath, nonce } = payload;
  if (!isText(jti, MAX_JTI_LENGTH) || typeof htm !== "string" || typeof htu !== "string") return undefined;
  if (typeof iat !== "number" || !Number.isSafeInteger(iat) || iat < 0) return undefined;
  if (ath !== undefined && typeof ath !== "string") return undefined;
  if (nonce !== undefined && !isText(nonce, MAX_NONCE_LENGTH)) return undefined;
  const uri = normaliseHttpUri(htu);
  return uri === undefined ? undefined : { jti, htm, htu: uri, iat, ath, nonce };
}

function unfitFor(claims: ProofClaims, expected: DpopExpectation): DpopFault | undefined {
  const { http, accessToken, maxAge, leeway, now } = expected;
  if (http === undefined) return "came without the HTTP method and URI of the request";
  if (claims.htm !== http.method) return "was made for another HTTP method";
  if (claims.htu !== normaliseHttpUri(http.uri)) return "was made for another URI";
  if (claims.iat > now / 1_000 + leeway) return "was made in the future";
  if (now / 1_000 - claims.iat > maxAge) return "is too old";
  if (accessToken !== undefined && !isHashOf(claims.ath, accessToken)) return "was made for another access token";
  return undefined;
}

function isHashOf(ath: string | undefined, accessToken: string): boolean {
  const wanted = Buffer.from(createHash("sha256").update(accessToken).digest("base64url"));
  const given = Buffer.from(ath ?? "");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function isSignatureGood(proof: string, key: CryptoKey, alg: string): Promise<boolean> {
  try {
    await compactVerify(proof, key, { algorithms: [alg] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
    throw error;
  }
}

function isText(value: unknown, greatest: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= greatest && value.isWellFormed();
}

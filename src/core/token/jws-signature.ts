/** Signatures of JWSs (RFC 7515 section 5.2) whose header has been judged: see ADR 0011 for why it is not jose that checks them. */
import { constants, KeyObject, sign, verify, type VerifyKeyObjectInput } from "node:crypto";
import type { CryptoKey } from "jose";
import type { SigningAlgorithm } from "../ports.ts";
import { isObject } from "./strict-json.ts";

export type Signed = {
  /** `header.payload`. */
  signedPart: string;
  signature: Buffer;
};

/** What a key must be for an algorithm, and how OpenSSL is asked. */
type Scheme = {
  key: { name: string; hash?: string; curve?: string };
  digest: string | null;
  options?: Omit<VerifyKeyObjectInput, "key">;
  /** Where two spellings of one signature would else be taken. In bytes. */
  length?: number;
};

type Checked = { alg: string; scheme: Scheme; key: KeyObject; isCheap: boolean };

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ["EdDSA", { key: { name: "Ed25519" }, digest: null }],
  ["Ed25519", { key: { name: "Ed25519" }, digest: null }],
  ["ML-DSA-65", { key: { name: "ML-DSA-65" }, digest: null }],
  ["ES256", ecdsa("P-256", 256, 64)],
  ["ES384", ecdsa("P-384", 384, 96)],
  ["ES512", ecdsa("P-521", 512, 132)],
  ...[256, 384, 512].flatMap((bits): [string, Scheme][] => [
    [`RS${bits}`, rsa("RSASSA-PKCS1-v1_5", bits, { padding: constants.RSA_PKCS1_PADDING })],
    [
      `PS${bits}`,
      rsa("RSA-PSS", bits, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
    ],
  ]),
]);

/** RFC 7518 sections 3.3 and 3.5. */
const LEAST_RSA_BITS = 2_048;
/** Up to here a check takes little more of the main thread than to hand it over to another would. */
const CHEAP_RSA_BITS = 2_048;

/** Less than to hand it over would, or little more. */
const CHEAP_TO_SIGN: ReadonlySet<SigningAlgorithm> = new Set(["EdDSA", "ES256"]);

const checkedKeys = new WeakMap<CryptoKey, Checked>();
const signingKeys = new WeakMap<CryptoKey, Omit<Checked, "isCheap">>();

/**
 * Whether the key made the signature, by this algorithm. What is cheap is checked at once, the rest in the thread pool.
 * A key that is not for this algorithm, or not for verifying, has made none.
 */
export function isSignatureGood(signed: Signed, alg: string, key: CryptoKey): boolean | Promise<boolean> {
  const checked = checkedKey(alg, key);
  if (checked === undefined) return false;
  const { scheme, key: keyObject, isCheap } = checked;
  const { signature } = signed;
  if (scheme.length !== undefined && signature.length !== scheme.length) return false;
  const data = Buffer.from(signed.signedPart, "latin1");
  const by = { ...scheme.options, key: keyObject };
  if (isCheap) return verify(scheme.digest, data, by, signature);
  return new Promise((resolve, reject) => {
    verify(scheme.digest, data, by, signature, (error, isGood) => (error === null ? resolve(isGood) : reject(error)));
  });
}

/** The signature of `header.payload` by a key of ours. What is cheap is made at once, the rest in the thread pool. */
export function signatureOf(signedPart: string, alg: SigningAlgorithm, key: CryptoKey): Buffer | Promise<Buffer> {
  const { scheme, key: keyObject } = signingKey(alg, key);
  const { digest, options } = scheme;
  const by = { ...options, key: keyObject };
  const data = Buffer.from(signedPart, "latin1");
  if (CHEAP_TO_SIGN.has(alg)) return sign(digest, data, by);
  return new Promise((resolve, reject) => {
    sign(digest, data, by, (error, signature) => (error === null ? resolve(signature) : reject(error)));
  });
}

/** As `checkedKey`. */
function signingKey(alg: SigningAlgorithm, key: CryptoKey): Omit<Checked, "isCheap"> {
  const known = signingKeys.get(key);
  if (known?.alg === alg) return known;
  const scheme = SCHEMES.get(alg);
  if (scheme === undefined || !isFor(scheme, key, "sign"))
    throw new Error("the key is not for signing by this algorithm");
  const made = { alg, scheme, key: KeyObject.from(key) };
  signingKeys.set(key, made);
  return made;
}

/** A key is looked at once. */
function checkedKey(alg: string, key: CryptoKey): Checked | undefined {
  const known = checkedKeys.get(key);
  if (known?.alg === alg) return known;
  const scheme = SCHEMES.get(alg);
  if (scheme === undefined || !isFor(scheme, key, "verify")) return undefined;
  const keyObject = KeyObject.from(key);
  const { modulusLength: bits } = keyObject.asymmetricKeyDetails ?? {};
  if (bits !== undefined && bits < LEAST_RSA_BITS) return undefined;
  const checked = { alg, scheme, key: keyObject, isCheap: bits !== undefined && bits <= CHEAP_RSA_BITS };
  checkedKeys.set(key, checked);
  return checked;
}

function isFor(
  { key: { name, hash, curve } }: Scheme,
  { type, usages, algorithm }: CryptoKey,
  usage: "sign" | "verify",
): boolean {
  const said: object = algorithm;
  const saidHash = "hash" in said && isObject(said.hash) ? said.hash["name"] : undefined;
  const saidCurve = "namedCurve" in said ? said.namedCurve : undefined;
  const isSaid = algorithm.name === name && saidHash === hash && saidCurve === curve;
  return isSaid && type === (usage === "sign" ? "private" : "public") && usages.includes(usage);
}

function ecdsa(curve: string, bits: number, length: number): Scheme {
  return { key: { name: "ECDSA", curve }, digest: `sha${bits}`, options: { dsaEncoding: "ieee-p1363" }, length };
}

function rsa(name: string, bits: number, options: Scheme["options"] & object): Scheme {
  return { key: { name, hash: `SHA-${bits}` }, digest: `sha${bits}`, options };
}

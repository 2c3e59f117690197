import { calculateJwkThumbprint, type CryptoKey, errors, importJWK, type JWK } from "jose";
import { isObject } from "../token/strict-json.ts";

export type ProofKey = { key: CryptoKey; alg: string; jkt: string };

type Members = Readonly<Record<string, unknown>>;

/** What a key must be for an algorithm: its type, its curve where it has one, and the bytes of a coordinate. */
type Form = { kty: "RSA" } | { kty: "EC" | "OKP"; crv: string; bytes: number };

const RSA: Form = { kty: "RSA" };
const ED25519: Form = { kty: "OKP", crv: "Ed25519", bytes: 32 };

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ["ES256", { kty: "EC", crv: "P-256", bytes: 32 }],
  ["ES384", { kty: "EC", crv: "P-384", bytes: 48 }],
  ["ES512", { kty: "EC", crv: "P-521", bytes: 66 }],
  ["EdDSA", ED25519],
  ["Ed25519", ED25519],
  ["PS256", RSA],
  ["PS384", RSA],
  ["PS512", RSA],
  ["RS256", RSA],
  ["RS384", RSA],
  ["RS512", RSA],
]);

/** RFC 7518 sections 6.2.2, 6.3.2 and 6.4, RFC 8037 section 2, RFC 9964 section 3. */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
const RSA_BITS = { least: 2_048, greatest: 8_192 };

/** An asymmetric algorithm that a proof may be signed with. */
export function isProofAlgorithm(alg: unknown): alg is string {
  return typeof alg === "string" && FORMS.has(alg);
}

/** The public key that a proof carries (RFC 9449 section 4.2), if it is one, fits the algorithm and is not weak. */
export async function readProofKey(jwk: unknown, alg: string): Promise<ProofKey | undefined> {
  const form = FORMS.get(alg);
  if (form === undefined || !isObject(jwk) || PRIVATE.some((member) => Object.hasOwn(jwk, member))) return undefined;
  if (jwk["kty"] !== form.kty || !isMeantFor(jwk, alg)) return undefined;
  const members = form.kty === "RSA" ? rsaMembers(jwk) : curveMembers(jwk, form);
  if (members === undefined) return undefined;
  try {
    const key = await importJWK(members, alg);
    if (key instanceof Uint8Array) return undefined;
    return { key, alg, jkt: await calculateJwkThumbprint(members, "sha256") };
  } catch (error) {
    // A point that is not on the curve, say.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      return undefined;
    throw error;
  }
}

/** RFC 7517 sections 4.2 to 4.4, where the key says so itself. */
function isMeantFor({ alg, use, key_ops: operations }: Members, wanted: string): boolean {
  const isForIt = alg === undefined || alg === wanted;
  const isForSignatures = use === undefined || use === "sig";
  return isForIt && isForSignatures && (operations === undefined || isVerifyOnly(operations));
}

function isVerifyOnly(operations: unknown): boolean {
  return Array.isArray(operations) && operations.length === 1 && operations[0] === "verify";
}

function curveMembers(jwk: Members, form: Form & { kty: "EC" | "OKP" }): JWK | undefined {
  const { crv, x, y } = jwk;
  if (crv !== form.crv || bytesOf(x)?.length !== form.bytes || typeof x !== "string") return undefined;
  if (form.kty === "OKP") return { kty: "OKP", crv, x };
  if (bytesOf(y)?.length !== form.bytes || typeof y !== "string") return undefined;
  return { kty: "EC", crv, x, y };
}

function rsaMembers({ n, e }: Members): JWK | undefined {
  const [modulus, exponent] = [bytesOf(n), bytesOf(e)];
  if (modulus === undefined || exponent === undefined || typeof n !== "string" || typeof e !== "string")
    return undefined;
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_BITS.least || bits > RSA_BITS.greatest || modulus[0] === 0) return undefined;
  return isSoundExponent(exponent) ? { kty: "RSA", n, e } : undefined;
}

/** Odd, at least 65537, and of four bytes at most: a great one costs us, not its owner. */
function isSoundExponent(exponent: Buffer): boolean {
  if (exponent.length < 3 || exponent.length > 4 || exponent[0] === 0) return false;
  const value = exponent.readUIntBE(0, exponent.length);
  return value >= 65_537 && value % 2 === 1;
}

/** Undefined unless it is the canonical base64url of something. */
function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const bytes = Buffer.from(value, "base64url");
  return bytes.toString("base64url") === value ? bytes : undefined;
}

import { hasRocaFingerprint } from "./roca.ts";

const MIN_BITS = 2_048;
/** Beyond it a check of one signature costs too much. */
const MAX_BITS = 8_192;
const MIN_EXPONENT = 65_537n;
const MAX_EXPONENT = 2n ** 64n;
const SMALL_PRIMES = primesBelow(2_000);
/** Steps of Fermat's method: all known keys with neighbouring primes (CVE-2022-26320) fall within 20. */
const FERMAT_STEPS = 24;

/** What is wrong with an RSA public key (RFC 8725 section 3.2, RFC 7518 section 3.3), as the end of a sentence; undefined if nothing. */
export function rsaWeakness(n: unknown, e: unknown): string | undefined {
  if (isTooLong(n) || isTooLong(e)) return `is RSA with more than ${MAX_BITS} bits`;
  const modulus = toNumber(n);
  const exponent = toNumber(e);
  const bits = modulus === 0n ? 0 : modulus.toString(2).length;
  if (bits < MIN_BITS) return `is RSA with fewer than ${MIN_BITS} bits`;
  if (bits > MAX_BITS) return `is RSA with more than ${MAX_BITS} bits`;
  if (exponent < MIN_EXPONENT) return "is RSA with an exponent below 65537";
  if (exponent > MAX_EXPONENT) return "is RSA with an exponent beyond 64 bits";
  if (exponent % 2n === 0n) return "is RSA with an even exponent";
  if (SMALL_PRIMES.some((prime) => modulus % prime === 0n)) return "is RSA with a modulus that a small number divides";
  if (hasRocaFingerprint(modulus)) return "is RSA made by a faulty chip (ROCA, CVE-2017-15361)";
  if (hasClosePrimes(modulus)) return "is RSA whose primes lie next to each other";
  return undefined;
}

/** In base64url, with room for zeros before it. */
function isTooLong(text: unknown): boolean {
  return typeof text === "string" && text.length > MAX_BITS / 2;
}

function toNumber(text: unknown): bigint {
  const hex = typeof text === "string" ? Buffer.from(text, "base64url").toString("hex") : "";
  return hex === "" ? 0n : BigInt(`0x${hex}`);
}

/** Fermat: n = a² - b² with a small b. Equal primes are found at the first step. */
function hasClosePrimes(modulus: bigint): boolean {
  let root = squareRoot(modulus);
  if (root * root < modulus) root += 1n;
  for (let step = 0; step < FERMAT_STEPS; step++, root += 1n) {
    const rest = root * root - modulus;
    const side = squareRoot(rest);
    if (side * side === rest) return true;
  }
  return false;
}

/** Newton's method, rounded down. */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function primesBelow(limit: number): bigint[] {
  const primes: number[] = [];
  for (let number = 2; number < limit; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes.map(BigInt);
}

/** RSA public keys that are broken in known ways, made as those who made them did. */
import { checkPrimeSync, generatePrimeSync, randomBytes } from "node:crypto";
import type { JWK } from "jose";

const E = 65_537n;

export function rsaJwk(modulus: bigint, exponent = E): JWK {
  return { kty: "RSA", n: base64url(modulus), e: base64url(exponent) };
}

/** An honest modulus of so many bits. */
export function modulusOf(bits: number): bigint {
  for (;;) {
    const modulus = prime(bits / 2) * prime(bits - bits / 2);
    if (modulus.toString(2).length === bits) return modulus;
  }
}

/** CVE-2017-15361: both primes are k·M + (65537^a mod M), M being the product of the first primes. */
export function rocaModulus(): bigint {
  return rocaPrime() * rocaPrime();
}

/** CVE-2022-26320: the second prime is the next after the first. */
export function closePrimesModulus(): bigint {
  const first = prime(1_024);
  let second = first + 2n;
  while (!checkPrimeSync(second)) second += 2n;
  return first * second;
}

export function squareModulus(): bigint {
  return prime(1_024) ** 2n;
}

export function base64url(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString("base64url");
}

function rocaPrime(): bigint {
  const m = firstPrimes(126).reduce((product, factor) => product * factor, 1n);
  for (;;) {
    const k = 2n ** 54n + random(48);
    const candidate = k * m + power(E, random(32), m);
    if (checkPrimeSync(candidate)) return candidate;
  }
}

function prime(bits: number): bigint {
  return generatePrimeSync(bits, { bigint: true });
}

function random(bits: number): bigint {
  return BigInt(`0x${randomBytes(bits / 8).toString("hex")}`);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let number = 2n; primes.length < count; number++) {
    if (primes.every((known) => number % known !== 0n)) primes.push(number);
  }
  return primes;
}

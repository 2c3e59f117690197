/**
 * Whether an RSA modulus has the fingerprint of ROCA (CVE-2017-15361): its primes were made as k·M + (65537^a mod M), M being a
 * product of small primes, so that modulo each of these it is a power of 65537. A random modulus is that once in 2^27.
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  return POWERS.every(({ prime, powers }) => powers.has(Number(modulus % BigInt(prime))));
}

/** Up to 167: M of the shortest keys ends there, M of longer ones contains it. */
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
];
const POWERS = PRIMES.map((prime) => ({ prime, powers: powersOf65537(prime) }));

function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * (65_537 % prime)) % prime) powers.add(power);
  return powers;
}

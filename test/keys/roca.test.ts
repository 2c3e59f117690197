import { expect, test } from "vitest";
import { hasRocaFingerprint } from "../../src/keys/roca.ts";

/** As published with the attack: for some primes, the remainders that moduli of the faulty chip leave, as a bit mask. */
const MARKERS: [prime: bigint, remainders: bigint][] = [
  [3n, 6n],
  [5n, 30n],
  [7n, 126n],
  [11n, 1_026n],
  [13n, 5_658n],
  [17n, 107_286n],
  [19n, 199_410n],
  [37n, 67_109_890n],
  [53n, 5_310_023_542_746_834n],
  [61n, 1_455_791_217_086_302_986n],
  [71n, 20_052_041_432_995_567_486n],
  [73n, 6_041_388_139_249_378_920_330n],
  [79n, 207_530_445_072_488_465_666n],
];
/** The product of the primes up to 167: what is 1 modulo it is 1 modulo each. */
const M = 481_473_710_367_991_963_528_473_107_950_567_214_598_209_565_303_106_537_707_981_745_635n;

test.each(MARKERS)("modulo %d, exactly the published remainders are a fingerprint", (prime, remainders) => {
  for (let remainder = 0n; remainder < prime; remainder++) {
    expect(hasRocaFingerprint(oneBut(prime, remainder))).toBe(((remainders >> remainder) & 1n) === 1n);
  }
});

/** A number that leaves the remainder at the prime, and 1 at each of the others. */
function oneBut(prime: bigint, remainder: bigint): bigint {
  const others = M / prime;
  let number = 1n;
  while (number % prime !== remainder) number += others;
  return number;
}

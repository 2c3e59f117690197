/**
 * 32 bits of a text under a seed, never 0. No digest: it tells texts apart that nobody gains by making alike, such as a thief's user
 * agent and its victim's, which a thief who knew it would send as it is.
 */
export function textHash(seed: number, text: string): number {
  const { length } = text;
  const whole = length & ~3;
  let hash = scramble(seed, length);
  for (let index = 0; index < whole; index += 4) {
    // Four at a time: it is the multiplications that take long.
    const low = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 8);
    const high = (text.charCodeAt(index + 2) << 16) | (text.charCodeAt(index + 3) << 24);
    hash = Math.imul(hash ^ low ^ high, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (let index = whole; index < length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x85ebca6b);
  return scramble(hash, 0) || 1;
}

/** Of two numbers of 32 bits one, signed, each of whose bits depends on all of theirs. */
export function scramble(one: number, other: number): number {
  let mixed = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 15), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x27d4eb2f);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x165667b1);
  return mixed ^ (mixed >>> 16);
}

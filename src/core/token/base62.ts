const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BITS_PER_CHARACTER = Math.log2(62);
const CHARACTERS = Buffer.from(ALPHABET, "latin1");
/** By the code of a character; NO_DIGIT for any other. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));
const NO_DIGIT = 255;

/** Values are taken in limbs of two bytes and in groups of five digits: a group is a small integer, and a limb of groups is below 2^53. */
const LIMB = 2 ** 16;
const GROUP_LENGTH = 5;
const GROUP = 62 ** GROUP_LENGTH;

/** How many characters hold any value of so many bytes. */
export function base62Length(byteLength: number): number {
  return Math.ceil((byteLength * 8) / BITS_PER_CHARACTER);
}

/** Big-endian, of fixed length, so that every value has exactly one spelling. BigInt would do it in ten times the time and memory. */
export function encodeBase62(bytes: Buffer): string {
  const limbs = limbsOf(bytes);
  const text = Buffer.allocUnsafe(base62Length(bytes.length));
  let group = 0;
  for (let place = text.length - 1, left = 0; place >= 0; place--, left--) {
    if (left === 0) {
      group = divide(limbs);
      left = GROUP_LENGTH;
    }
    text[place] = CHARACTERS[group % 62] ?? 0;
    group = (group / 62) | 0;
  }
  return text.toString("latin1");
}

/** Undefined unless the text is what `encodeBase62` makes of some value of that many bytes. */
export function decodeBase62(text: string, byteLength: number): Buffer | undefined {
  if (text.length !== base62Length(byteLength)) return undefined;
  const limbs = limbsOf(Buffer.alloc(byteLength));
  let end = text.length % GROUP_LENGTH;
  for (let begin = 0; begin < text.length; begin = end, end += GROUP_LENGTH) {
    let group = 0;
    for (let place = begin; place < end; place++) {
      const digit = DIGITS[text.charCodeAt(place)] ?? NO_DIGIT;
      if (digit === NO_DIGIT) return undefined;
      group = group * 62 + digit;
    }
    if (multiply(limbs, group) > 0) return undefined;
  }
  return bytesOf(limbs, byteLength);
}

/** Most significant first. Of an odd number of bytes the first stands alone. */
function limbsOf(bytes: Buffer): number[] {
  const limbs: number[] = [];
  for (let end = bytes.length % 2; end <= bytes.length; end += 2) {
    if (end > 0) limbs.push(((bytes[end - 2] ?? 0) << 8) | (bytes[end - 1] ?? 0));
  }
  return limbs;
}

/** Undefined where the value needs more bytes. */
function bytesOf(limbs: readonly number[], byteLength: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(byteLength);
  let place = byteLength;
  for (const limb of limbs.toReversed()) {
    bytes[--place] = limb & 0xff;
    if (place > 0) bytes[--place] = limb >>> 8;
    else if (limb > 0xff) return undefined;
  }
  return bytes;
}

/** By a group, in place. @returns what is left over */
function divide(limbs: number[]): number {
  let rest = 0;
  let first = 0;
  while (limbs[first] === 0) first++;
  for (let place = first; place < limbs.length; place++) {
    const value = rest * LIMB + (limbs[place] ?? 0);
    const quotient = Math.floor(value / GROUP);
    limbs[place] = quotient;
    rest = value - quotient * GROUP;
  }
  return rest | 0;
}

/** By a group, in place, and adds another. @returns what there is no room for */
function multiply(limbs: number[], added: number): number {
  let carry = added;
  for (let place = limbs.length - 1; place >= 0; place--) {
    const value = (limbs[place] ?? 0) * GROUP + carry;
    carry = Math.floor(value / LIMB);
    limbs[place] = value - carry * LIMB;
  }
  return carry;
}

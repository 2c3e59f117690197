const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = new Map(Array.from(ALPHABET).map((character, value) => [character, BigInt(value)]));
const BITS_PER_CHARACTER = Math.log2(62);

/** How many characters hold any value of so many bytes. */
export function base62Length(byteLength: number): number {
  return Math.ceil((byteLength * 8) / BITS_PER_CHARACTER);
}

/** Big-endian, of fixed length, so that every value has exactly one spelling. */
export function encodeBase62(bytes: Buffer): string {
  let rest = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let left = base62Length(bytes.length); left > 0; left--) {
    text = ALPHABET.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

/** Undefined unless the text is what `encodeBase62` makes of some value of that many bytes. */
export function decodeBase62(text: string, byteLength: number): Buffer | undefined {
  if (text.length !== base62Length(byteLength)) return undefined;
  let value = 0n;
  for (const character of text) {
    const digit = DIGITS.get(character);
    if (digit === undefined) return undefined;
    value = value * 62n + digit;
  }
  const hex = value.toString(16).padStart(byteLength * 2, "0");
  return hex.length === byteLength * 2 ? Buffer.from(hex, "hex") : undefined;
}

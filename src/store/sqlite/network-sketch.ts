/**
 * About how many different networks there were, in bounded room: the smallest of their digests, each once. While there are few they are
 * all there, and the count is exact; of many the smallest lie the closer together the more there are (bottom-k, Beyer et al., SIGMOD
 * 2007), and the count has a standard error of 9 %.
 */

/** Up to so many are counted exactly. */
const GREATEST_KEPT = 128;
/** Of a digest: enough that no two of thousands are alike, and few enough for a number. */
const BYTES = 6;
const RANGE = 2 ** (BYTES * 8);

/** A digest as a sketch holds it. */
export function sketched(network: Uint8Array): number {
  return Buffer.from(network).readUIntBE(0, BYTES);
}

/** In ascending order. */
export function readSketch(bytes: Buffer): number[] {
  return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, index) => bytes.readUIntBE(index * BYTES, BYTES));
}

export function writeSketch(sketch: readonly number[]): Buffer {
  const bytes = Buffer.alloc(sketch.length * BYTES);
  for (const [index, digest] of sketch.entries()) bytes.writeUIntBE(digest, index * BYTES, BYTES);
  return bytes;
}

/** @returns undefined where the sketch stays as it is */
export function withDigest(sketch: readonly number[], digest: number): number[] | undefined {
  const isFull = sketch.length >= GREATEST_KEPT;
  if (sketch.includes(digest) || (isFull && digest > greatestOf(sketch))) return undefined;
  return [...sketch, digest].toSorted((one, other) => one - other).slice(0, GREATEST_KEPT);
}

/** How many different ones went into any of them. */
export function estimate(sketches: readonly (readonly number[])[]): number {
  const full = sketches.filter((sketch) => sketch.length >= GREATEST_KEPT);
  // Up to here each sketch holds all that went into it.
  const completeTo = Math.min(...full.map(greatestOf));
  const known = new Set(sketches.flat().filter((digest) => digest <= completeTo)).size;
  return full.length === 0 ? known : Math.round((known - 1) / (completeTo / RANGE));
}

function greatestOf(sketch: readonly number[]): number {
  return sketch.at(-1) ?? Infinity;
}

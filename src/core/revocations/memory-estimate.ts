/** What a string, an object or a list takes besides its content. */
const HEAD = 24;
/** What a place in an object or a list takes, with a number in it. */
const PLACE = 8;

/** Bytes that JSON-like data takes in memory: rather too many than too few. Its depth must have been bounded. */
export function estimatedBytes(value: unknown): number {
  if (typeof value === "string") return HEAD + 2 * value.length;
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return 4 * HEAD + value.byteLength;
  let bytes = HEAD;
  for (const [name, member] of Object.entries(value)) bytes += PLACE + name.length + estimatedBytes(member);
  return bytes;
}

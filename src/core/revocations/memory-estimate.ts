/** What a string, an object or a list takes besides its content. */
const HEAD = 24;
/** What a place in an object or a list takes, with a number in it. */
const PLACE = 8;
/** From so many members on an object is kept as a table, and each takes so much. */
const MANY = 24;
const PLACE_IN_TABLE = 64;

/** Bytes that JSON-like data takes in memory: rather too many than too few. Its depth must have been bounded. */
export function estimatedBytes(value: unknown): number {
  if (typeof value === "string") return HEAD + 2 * value.length;
  if (typeof value !== "object" || value === null) return 0;
  const members = Object.entries(value);
  const place = members.length > MANY && !Array.isArray(value) ? PLACE_IN_TABLE : PLACE;
  let bytes = HEAD;
  for (const [name, member] of members) bytes += place + name.length + estimatedBytes(member);
  return bytes;
}

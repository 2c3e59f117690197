/**
 * A copy in which each Buffer has memory of its own. Small Buffers share one pool, and what is sent to another thread is
 * copied together with all the memory that it is a part of.
 */
export function withOwnMemory(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return new Uint8Array(value);
  }
  if (Array.isArray(value)) {
    return value.map(withOwnMemory);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withOwnMemory(each)]));
  }
  return value;
}

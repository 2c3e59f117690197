/** The y of every point of low order on Edwards25519, reduced or not (RFC 7748 section 7): such a key verifies forged signatures. */
const LOW_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** `x` of an Ed25519 JWK (RFC 8037): the little-endian y, with the sign of x in its highest bit. */
export function isLowOrderPoint(x: unknown): boolean {
  const point = typeof x === "string" ? Buffer.from(x, "base64url") : Buffer.alloc(0);
  point[31] = (point[31] ?? 0) & 0x7f;
  return LOW_ORDER.has(point.toString("hex"));
}

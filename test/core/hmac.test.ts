import { createHmac, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hmacSha256 } from "../../src/core/hmac.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

test.each([
  ["0b".repeat(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
  [
    Buffer.from("Jefe").toString("hex"),
    "what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
])("RFC 4231: the HMAC under %s of %s", (key, message, mac) => {
  expect(Buffer.from(hmacSha256(bytes(key), message), "latin1").toString("hex")).toBe(mac);
});

test("any text and any bytes, one after the other under one key, have the HMAC that OpenSSL makes", () => {
  const key = randomBytes(32);
  const message = fc.oneof(
    fc.string({ unit: "binary", maxLength: 2_000 }),
    fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(message, (said) => {
      expect(hmacSha256(key, said)).toBe(createHmac("sha256", key).update(said).digest("latin1"));
    }),
  );
});

test.each([341, 342, 1_024])("a text of %i characters that take three bytes each is taken whole", (length) => {
  const [key, text] = [randomBytes(64), "\u20ac".repeat(length)];
  expect(hmacSha256(key, text)).toBe(createHmac("sha256", key).update(text).digest("latin1"));
});

test("a key that RFC 2104 would have digested first is refused", () => {
  expect(() => hmacSha256(randomBytes(65), "")).toThrow("longer than a block");
});

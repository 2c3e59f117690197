import * as fc from "fast-check";

/** What never was a token: noise, JSON in the place of parts, garbage under our prefixes. */
export const anything: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.base64String({ maxLength: 60 }), { maxLength: 6 }).map((parts) => parts.join(".")),
  fc.array(fc.json({ maxDepth: 3 }), { minLength: 3, maxLength: 3 }).map((parts) => {
    return parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
  }),
  fc.string({ maxLength: 80 }).map((text) => `asy_at_${text}`),
  fc.string({ maxLength: 80 }).map((text) => `asy_rt_${text}`),
);

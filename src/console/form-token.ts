import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What a form carries, so that no other page can make one: good for one visitor, and for a while. */
export type FormTokens = {
  make(visitor: string): string;
  isGood(token: string, visitor: string): boolean;
};

const LIFETIME_MS = 3_600_000;
const FORM = /^(\d{1,15})\.([\w-]{43})$/;

/** @param now milliseconds, on a clock that only goes forwards */
export function formTokens(now = () => performance.now()): FormTokens {
  const key = randomBytes(32);
  const mac = (expires: string, visitor: string): Buffer =>
    createHmac("sha256", key)
      .update(JSON.stringify([expires, visitor]))
      .digest();
  return {
    make(visitor) {
      const expires = String(Math.ceil(now() + LIFETIME_MS));
      return `${expires}.${mac(expires, visitor).toString("base64url")}`;
    },
    isGood(token, visitor) {
      const [, expires = "0", given = ""] = FORM.exec(token) ?? [];
      const bytes = Buffer.from(given, "base64url");
      const expected = mac(expires, visitor);
      return bytes.length === expected.length && timingSafeEqual(bytes, expected) && Number(expires) > now();
    },
  };
}

import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { issuedFrom, placeOf, sameOrigin } from "../../../src/core/signals/issued-from.ts";

const KEY = randomBytes(32);
const HOME = { clientIp: "192.0.2.1", userAgent: "app/1" };

function issued(jti: string, context = HOME): string {
  return issuedFrom(KEY, jti, placeOf(KEY, context)) ?? "";
}

describe("whence a token was issued", () => {
  test.each([
    ["the same place", HOME, { network: true, agent: true }],
    ["another address of the network", { ...HOME, clientIp: "192.0.2.200" }, { network: true, agent: true }],
    ["the same address written for IPv6", { ...HOME, clientIp: "::ffff:192.0.2.1" }, { network: true, agent: true }],
    ["another network", { ...HOME, clientIp: "198.51.100.1" }, { network: false, agent: true }],
    ["another user agent", { ...HOME, userAgent: "curl/8" }, { network: true, agent: false }],
    ["an unknown network", { userAgent: "app/1" }, { network: undefined, agent: true }],
    ["nowhere", {}, { network: undefined, agent: undefined }],
  ])("is compared with %s", (_name, context, expected) => {
    expect(sameOrigin(KEY, "t1", issued("t1"), context)).toEqual(expected);
  });

  test("is not said where it is not known", () => {
    expect(issuedFrom(KEY, "t1", placeOf(KEY, {}))).toBeUndefined();
  });

  test("is told from two tokens of one place by nobody", () => {
    expect(issued("t1").slice(0, 8)).not.toBe(issued("t2").slice(0, 8));
    expect(issued("t1").slice(8)).not.toBe(issued("t2").slice(8));
  });

  test("is 16 characters, which hold nothing of the address", () => {
    expect(issued("t1")).toMatch(/^[\w-]{16}$/);
  });

  test.each(["", "AAAA", "not base64url!", "A".repeat(400)])("says nothing in another form: %j", (said) => {
    expect(sameOrigin(KEY, "t1", said, HOME)).toEqual({ network: undefined, agent: undefined });
  });
});

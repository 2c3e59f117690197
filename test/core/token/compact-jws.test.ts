import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseCompactJws } from "../../../src/core/token/compact-jws.ts";
import { encodePart } from "../../support/sign-jws.ts";

const HEADER = encodePart({ alg: "none" });
const PAYLOAD = encodePart({ sub: "alice" });
const SIGNATURE = createHash("sha512").digest("base64url");

describe("a JWS in compact serialization", () => {
  test("is decoded without being believed", () => {
    expect(parseCompactJws(`${HEADER}.${PAYLOAD}.${SIGNATURE}`)).toEqual({
      header: { alg: "none" },
      payload: { sub: "alice" },
      signedPart: `${HEADER}.${PAYLOAD}`,
      signature: Buffer.from(SIGNATURE, "base64url"),
    });
  });

  test("may have a header of 4,096 characters and no longer one", () => {
    const [fits, exceeds] = [3_072, 3_073].map((bytes) => encodePart(`{"a":"${"x".repeat(bytes - 8)}"}`));
    expect(fits).toHaveLength(4_096);
    expect(parseCompactJws(`${fits}.${PAYLOAD}.${SIGNATURE}`)).toBeDefined();
    expect(parseCompactJws(`${exceeds}.${PAYLOAD}.${SIGNATURE}`)).toBeUndefined();
  });

  /** Every other last character of a part whose last character carries unused bits. */
  test("has one spelling: any other last character of the signature is another signature or none", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const accepted = Array.from(alphabet).filter(
      (last) => parseCompactJws(`${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, -1)}${last}`) !== undefined,
    );
    expect(accepted).toEqual(["A", "Q", "g", "w"]);
  });

  test.each([
    ["two parts", `${HEADER}.${PAYLOAD}`],
    ["an empty signature", `${HEADER}.${PAYLOAD}.`],
    ["an empty payload", `${HEADER}..${SIGNATURE}`],
    ["an empty header", `.${PAYLOAD}.${SIGNATURE}`],
    ["four parts", `${HEADER}.${PAYLOAD}.${SIGNATURE}.${SIGNATURE}`],
    ["the five parts of a JWE", [HEADER, SIGNATURE, SIGNATURE, PAYLOAD, SIGNATURE].join(".")],
    ["a part of one character", `${HEADER}.${PAYLOAD}.A`],
    ["a header that is no object", `${encodePart("[]")}.${PAYLOAD}.${SIGNATURE}`],
    ["a payload that is no object", `${HEADER}.${encodePart("null")}.${SIGNATURE}`],
    ["a payload that is no JSON", `${HEADER}.${encodePart("hello")}.${SIGNATURE}`],
    ["the general JSON serialization", `{"payload":"${PAYLOAD}","signatures":[]}`],
    ["nothing", ""],
  ])("%s: refused", (_name, token) => {
    expect(parseCompactJws(token)).toBeUndefined();
  });
});

import { describe, expect, test } from "vitest";
import { readJwsHeader } from "../../../src/core/token/jws-header.ts";

const RULES = { algorithms: new Set(["EdDSA", "ES256"]), types: new Set(["at+jwt"]), allowMissingType: false };
const HONEST = { alg: "EdDSA", kid: "k1", typ: "at+jwt" };
const read = (changes: Record<string, unknown>) => readJwsHeader({ ...HONEST, ...changes }, RULES);

describe("the header of a JWT", () => {
  test("is believed for its kid and an allowed alg, and for nothing else", () => {
    expect(read({ x5t: "abc", iss: "https://evil.example" })).toEqual({ alg: "EdDSA", kid: "k1" });
  });

  test("may do without kid", () => {
    expect(readJwsHeader({ alg: "ES256", typ: "at+jwt" }, RULES)).toEqual({ alg: "ES256" });
  });

  test.each(["at+jwt", "AT+JWT", "At+Jwt", "application/at+jwt", "APPLICATION/AT+JWT"])("typ %s is fine", (typ) => {
    expect(read({ typ })).toEqual({ alg: "EdDSA", kid: "k1" });
  });

  test.each([
    [undefined],
    [null],
    [""],
    [1],
    [["at+jwt"]],
    ["JWT"],
    ["at-jwt"],
    ["at+jwt "],
    [" at+jwt"],
    ["at+jwt;a=b"],
    ["text/at+jwt"],
    ["application/"],
    ["application/application/at+jwt"],
    ["at+\u212Awt"],
  ])("typ %j is not allowed", (typ) => {
    expect(read({ typ })).toBe("header_not_allowed");
  });

  test.each(["crit", "b64", "jwk", "jku", "x5u", "x5c", "enc", "zip", "cty"])(
    "%s is refused, whatever it says",
    (member) => {
      for (const value of [undefined, null, "", [], {}, true, "exp"]) {
        expect(read({ [member]: value })).toBe("header_not_allowed");
      }
    },
  );

  test.each([
    [undefined],
    [null],
    [""],
    [1],
    [["EdDSA"]],
    [{ toString: "EdDSA" }],
    ["none"],
    ["None"],
    ["NONE"],
    ["eddsa"],
    ["EdDSA "],
    ["Ed25519"],
    ["HS256"],
    ["RS256"],
    ["constructor"],
    ["__proto__"],
  ])("alg %j is not allowed", (alg) => {
    expect(read({ alg })).toBe("algorithm_not_allowed");
  });

  test.each([[null], [""], [1], [["k1"]], [{}], ["k".repeat(256)]])("kid %j is not allowed", (kid) => {
    expect(read({ kid })).toBe("header_not_allowed");
  });

  test("a kid may be 255 characters long", () => {
    expect(read({ kid: "k".repeat(255) })).toMatchObject({ kid: "k".repeat(255) });
  });
});

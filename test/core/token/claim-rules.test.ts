import { describe, expect, test } from "vitest";
import { OUR_NAMES } from "../../../src/core/token/claim-names.ts";
import { verifyClaims } from "../../../src/core/token/claim-rules.ts";

const NOW = 1_767_225_600;
const RULES = {
  maxLifetime: 3_600,
  leeway: 10,
  audiences: new Set(["a", "b"]),
  requiredClaims: [],
  claimNames: OUR_NAMES,
  now: NOW * 1_000,
};
const HONEST = { iss: "https://issuer.example", aud: "a", iat: NOW, exp: NOW + 600 };
const outcome = (changes: Record<string, unknown>, rules = {}) => {
  const claims = verifyClaims({ ...HONEST, ...changes }, { ...RULES, ...rules });
  return typeof claims === "string" ? claims : "good";
};

describe("the rules of an issuer's claims", () => {
  test.each([
    ["an honest token", {}, "good"],
    ["expired long ago, which is not decided here", { iat: NOW - 9_000, exp: NOW - 8_000 }, "good"],
    ["issued at the edge of the leeway", { iat: NOW + 10 }, "good"],
    ["issued a second beyond the leeway", { iat: NOW + 11 }, "issued_in_future"],
    ["as long-lived as its issuer's may be", { exp: NOW + 3_600 }, "good"],
    ["a second more long-lived", { exp: NOW + 3_601 }, "lifetime_too_long"],
    ["expired before it was issued", { exp: NOW - 1 }, "invalid_claims"],
    ["expired when it was issued", { exp: NOW }, "invalid_claims"],
    ["for one of the issuer's audiences among others", { aud: ["x", "b"] }, "good"],
    ["for none of the issuer's audiences", { aud: ["x", "A"] }, "audience_mismatch"],
    ["with a claim of a wrong type", { sub: 1 }, "invalid_claims"],
  ])("%s: %o is %s", (_name, changes, expected) => {
    expect(outcome(changes)).toBe(expected);
  });

  test("where the issuer names no audiences, the caller's alone decide", () => {
    expect(outcome({ aud: "x" }, { audiences: undefined })).toBe("good");
  });

  test("the clock counts to the millisecond", () => {
    expect(outcome({ iat: NOW + 11 }, { now: NOW * 1_000 + 999 })).toBe("issued_in_future");
    expect(outcome({ iat: NOW + 11 }, { now: NOW * 1_000 + 1_000 })).toBe("good");
  });
});

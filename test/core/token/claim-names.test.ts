import { describe, expect, test } from "vitest";
import { type ClaimNames, OUR_NAMES } from "../../../src/core/token/claim-names.ts";
import { verifyClaims } from "../../../src/core/token/claim-rules.ts";

const NOW = 1_767_225_600;
const HONEST = { iss: "https://issuer.example", aud: "a", iat: NOW, exp: NOW + 600 };
const NAMES: ClaimNames = {
  ...OUR_NAMES,
  scope: ["scp", "roles"],
  client_id: ["azp", "cid"],
  username: ["preferred_username"],
};

function claimsOf(said: object, requiredClaims: readonly string[] = []) {
  const rules = { maxLifetime: 3_600, leeway: 10, audiences: undefined, now: NOW * 1_000 };
  return verifyClaims({ ...HONEST, ...said }, { ...rules, requiredClaims, claimNames: NAMES });
}

describe("what an issuer says under its own names", () => {
  test.each<[string, object, object]>([
    ["a list of scopes", { scp: ["read", "write"] }, { scope: "read write" }],
    ["scopes in one text", { scp: "read write" }, { scope: "read write" }],
    ["no scopes in a list", { scp: [] }, { scope: "" }],
    ["roles, where there is no scp", { roles: ["admin"] }, { scope: "admin" }],
    ["the preferred of two names", { roles: ["admin"], scp: ["read"] }, { scope: "read" }],
    ["our name, which comes first", { scope: "read", scp: ["admin"] }, { scope: "read" }],
    ["our name, though it says nothing", { scope: "", scp: ["admin"] }, { scope: "" }],
    ["the client", { azp: "portal" }, { client_id: "portal" }],
    ["the client by another name", { cid: "portal" }, { client_id: "portal" }],
    ["the user's name", { preferred_username: "bob" }, { username: "bob" }],
  ])("is read as ours: %s", (_, said, read) => {
    expect(claimsOf(said)).toMatchObject(read);
  });

  test("stays beside it", () => {
    expect(claimsOf({ scp: ["read"], azp: "portal" })).toMatchObject({ extra: { scp: ["read"], azp: "portal" } });
  });

  test.each<[string, object]>([
    ["a scope with a space in a list", { scp: ["read", "write admin"] }],
    ["an empty scope in a list", { scp: ["read", ""] }],
    ["a number in a list", { scp: ["read", 1] }],
    ["scopes in an object", { scp: { read: true } }],
    ["a list in a list", { scp: [["read"]] }],
    ["null", { scp: null }],
    ["a client in a list", { azp: ["portal"] }],
    ["an empty client", { azp: "" }],
    ["the second name, where the first is of a wrong type", { azp: 1, cid: "portal" }],
  ])("is refused as ours would be: %s", (_, said) => {
    expect(claimsOf(said)).toBe("invalid_claims");
  });
});

describe("a token without a claim that its issuer requires", () => {
  test.each<[string, object, readonly string[]]>([
    ["absent", {}, ["sub"]],
    ["one of two absent", { sub: "bob" }, ["sub", "tenant"]],
    ["null", { tenant: null }, ["tenant"]],
    ["empty", { tenant: "" }, ["tenant"]],
    ["an empty list", { tenant: [] }, ["tenant"]],
    ["a property of every object", {}, ["constructor"]],
  ])("is refused: %s", (_, said, required) => {
    expect(claimsOf(said, required)).toBe("invalid_claims");
  });

  test.each<[string, object, readonly string[]]>([
    ["said", { sub: "bob" }, ["sub"]],
    ["said under a foreign name", { azp: "portal" }, ["client_id"]],
    ["false, which says something", { tenant: false }, ["tenant"]],
    ["zero, which says something", { tenant: 0 }, ["tenant"]],
  ])("is good with it: %s", (_, said, required) => {
    expect(claimsOf(said, required)).toMatchObject({ iss: HONEST.iss });
  });
});

import { describe, expect, test } from "vitest";
import { familyId } from "../../src/core/family.ts";
import { API, caller, callerWithout, openTestCore, ORDERS } from "../support/core-environment.ts";
import { introspected, minted, mintedChain, refreshed, refusal, revoked, stateOf } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";

const plain = caller({ permissions: new Set(["introspect"]) });

describe("a token is for its audience", () => {
  const forApi = caller({ audiences: new Set([API]) });
  const forOrders = caller({ audiences: new Set([ORDERS]) });

  test("one of the caller's audiences suffices", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { audience: [API, ORDERS] });
    expect(await stateOf(core, accessToken, { as: forOrders })).toBe("active");
  });

  test("a caller without any of them sees nothing active", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { audience: [API] });
    expect(await stateOf(core, accessToken, { as: forOrders })).toBe("audience_mismatch");
    expect(await stateOf(core, accessToken, { as: caller({ audiences: new Set() }) })).toBe("audience_mismatch");
  });

  test("asking for fewer audiences narrows the question", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { audience: [API] });
    expect(await stateOf(core, accessToken, { audience: [API] })).toBe("active");
    expect(await stateOf(core, accessToken, { audience: [ORDERS, API] })).toBe("active");
    expect(await stateOf(core, accessToken, { audience: [ORDERS] })).toBe("audience_mismatch");
  });

  test("asking for an audience that is not the caller's is refused, whatever the token", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { audience: [API, ORDERS] });
    const asked = { as: forApi, audience: [API, ORDERS] };
    expect(await refusal(introspected(core, accessToken, asked))).toBe("audience_not_allowed");
    expect(await refusal(introspected(core, "garbage", asked))).toBe("audience_not_allowed");
  });

  test("audiences are compared to the letter", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    for (const audience of [`${API}/`, API.toUpperCase(), API.slice(0, -1), `${API} `]) {
      const as = caller({ audiences: new Set([audience]) });
      expect(await stateOf(core, accessToken, { as })).toBe("audience_mismatch");
    }
  });
});

describe("scopes that are required", () => {
  test("must all be granted", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { scopes: ["read"] });
    expect(await stateOf(core, accessToken, { requiredScopes: ["read"] })).toBe("active");
    expect(await stateOf(core, accessToken, { requiredScopes: ["read", "write"] })).toBe("insufficient_scope");
  });

  test.each(["rea", "READ", "read write", "", " "])("%j is not granted by 'read write'", async (scope) => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    expect(await stateOf(core, accessToken, { requiredScopes: [scope] })).toBe("insufficient_scope");
  });

  test("are not granted by a token without scope", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { scopes: [] });
    expect(await stateOf(core, accessToken)).toBe("active");
    expect(await stateOf(core, accessToken, { requiredScopes: ["read"] })).toBe("insufficient_scope");
  });

  test("lead to a challenge for a caller to whom the token is otherwise active", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { scopes: ["read"] });
    const answer = await introspected(core, accessToken, { as: plain, requiredScopes: ["write"] });
    expect(answer).toEqual({ active: false, outcome: "insufficient_scope", challenge: "insufficient_scope" });
  });

  test("lead to no challenge where the token is expired, revoked, bound, or somebody else's", async () => {
    const core = await openTestCore();
    const requiredScopes = ["write"];
    const { accessToken } = await minted(core, { scopes: ["read"] });
    const bound = await minted(core, { scopes: ["read"], cnf: { jkt: "thumbprint" } });
    const as = caller({ audiences: new Set([ORDERS]) });
    expect(await introspected(core, accessToken, { requiredScopes, as })).not.toHaveProperty("challenge");
    expect(await introspected(core, bound.accessToken, { requiredScopes })).not.toHaveProperty("challenge");
    await revoked(core, { by: "token", token: accessToken });
    expect(await introspected(core, accessToken, { requiredScopes })).not.toHaveProperty("challenge");
    core.advance(900);
    expect(await introspected(core, accessToken, { requiredScopes })).not.toHaveProperty("challenge");
  });
});

describe("a refresh token", () => {
  test("is for callers that may issue for its client, whatever their audiences", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const theirs = caller({ audiences: new Set(), clients: new Set(["web"]) });
    expect(await stateOf(core, refresh.token, { as: theirs })).toBe("active");
  });

  test("is for nobody else", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const others = caller({ clients: new Set(["orders"]) });
    expect(await stateOf(core, refresh.token, { as: others })).toBe("client_mismatch");
    expect(await stateOf(core, refresh.token, { as: caller({ clients: new Set() }) })).toBe("client_mismatch");
    expect(await stateOf(core, refresh.token, { as: callerWithout("issue") })).toBe("client_mismatch");
  });

  test("of a past generation is superseded, and looking at it changes nothing", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token);
    const id = familyId(core.environment, first.sid);
    const before = await core.environment.store.families.read(id);
    core.advance(3_600);
    expect(await stateOf(core, first.refresh.token)).toBe("superseded");
    expect(await core.environment.store.families.read(id)).toEqual(before);
    expect(await stateOf(core, second.refresh.token)).toBe("active");
    expect(core.signals).toEqual([]);
  });

  test("of a family that is marked dead is revoked, even if the revocation itself were lost", async () => {
    const core = await openTestCore();
    const { refresh, sid } = await mintedChain(core);
    await core.environment.store.families.kill(familyId(core.environment, sid));
    expect(await stateOf(core, refresh.token)).toBe("revoked");
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
  });

  test("of the current generation is not used up by looking at it, however often", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    for (let look = 0; look < 5; look++) expect(await stateOf(core, refresh.token)).toBe("active");
    expect((await refreshed(core, refresh.token)).refresh.token.reveal()).not.toBe(refresh.token.reveal());
  });
});

describe("a token that is bound to a key", () => {
  test.each(["jwt", "opaque"] as const)("of ours (%s) is inactive: its proof cannot be checked yet", async (format) => {
    const core = await openTestCore();
    for (const cnf of [{ jkt: "thumbprint" }, { "x5t#S256": "thumbprint" }]) {
      const { accessToken, refresh } = await mintedChain(core, { format, cnf });
      expect(await stateOf(core, accessToken)).toBe("proof_required");
      expect(await stateOf(core, refresh.token)).toBe("proof_required");
    }
  });

  test("of a trusted issuer is inactive, also when it is bound in an unknown way", async () => {
    const core = await openTestCore();
    for (const cnf of [{}, { jkt: "x" }, { jwk: { kty: "OKP" } }, { kid: "k" }, { jku: "https://evil.example" }]) {
      expect(await stateOf(core, foreignJwt(core, { cnf }))).toBe("proof_required");
    }
  });
});

import { describe, expect, test } from "vitest";
import {
  API,
  caller,
  callerWithout,
  changePolicy,
  clientPolicy,
  ISSUER,
  openTestCore,
  ORDERS,
  START,
} from "../../support/core-environment.ts";
import { exchanged, introspected, minted, mintedChain, refusal, stateOf } from "../../support/core-requests.ts";
import { foreignJwt, ownJwt } from "../../support/honest-jwt.ts";

const NOW = START / 1_000;
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

describe("an exchange", () => {
  test.each(["jwt", "opaque"] as const)("trades a token (%s) for one for another audience", async (format) => {
    const core = await openTestCore();
    const personal = { authTime: NOW - 5, acr: "2", amr: ["pwd"] };
    const subject = await minted(core, { format, claims: { tenant: "t1" }, ...personal });
    core.advance(60);
    const traded = await exchanged(core, subject.accessToken);
    expect(traded).toMatchObject({ tokenType: "Bearer", scope: "read write", expiresIn: 840, sid: subject.sid });
    expect(traded).not.toHaveProperty("refresh");
    const answer = await introspected(core, traded.accessToken);
    const claims = { iss: ISSUER, sub: "alice", aud: [ORDERS], client_id: "orders", sid: subject.sid, iat: NOW + 60 };
    const carried = { exp: NOW + 900, auth_time: NOW - 5, acr: "2", amr: ["pwd"], extra: {} };
    expect(answer).toMatchObject({ active: true, claims: { ...claims, ...carried } });
  });

  test("of a foreign token begins a family of ours", async () => {
    const core = await openTestCore();
    const traded = await exchanged(core, foreignJwt(core));
    const answer = await introspected(core, traded.accessToken);
    const claims = { iss: ISSUER, sub: "bob", client_id: "orders", sid: traded.sid, scope: "read" };
    expect(answer).toMatchObject({ active: true, claims: { ...claims, extra: {} } });
  });

  test("says nothing to resource servers of what the token came from", async () => {
    const core = await openTestCore();
    const traded = await exchanged(core, (await minted(core)).accessToken);
    expect(JSON.stringify(await introspected(core, traded.accessToken))).not.toContain("origins");
  });

  test.each([
    ["the client's first form, as an access token, when nothing is asked for", undefined, /^asy_at_/, ACCESS_TOKEN],
    ["the client's first form when an access token is asked for", ACCESS_TOKEN, /^asy_at_/, ACCESS_TOKEN],
    ["a JWT when one is asked for", JWT, /^ey/, JWT],
  ] as const)("yields %s", async (_name, requested, form, issuedTokenType) => {
    const core = await openTestCore();
    changePolicy(core, "orders", { formats: ["opaque", "jwt"] });
    const asked = requested === undefined ? {} : { requestedTokenType: requested };
    const traded = await exchanged(core, (await minted(core)).accessToken, asked);
    expect(traded).toMatchObject({ issuedTokenType });
    expect(traded.accessToken.reveal()).toMatch(form);
  });
});

describe("an exchanged token never outlives", () => {
  test("its subject token", async () => {
    const core = await openTestCore();
    const subject = await minted(core, { lifetime: 60 });
    core.advance(20);
    const traded = await exchanged(core, subject.accessToken);
    expect(traded.expiresIn).toBe(40);
    core.advance(40);
    expect(await stateOf(core, traded.accessToken)).toBe("expired");
  });

  test("its actor token", async () => {
    const core = await openTestCore();
    const actorToken = (await minted(core, { clientId: "orders", subject: "orders", lifetime: 60 })).accessToken;
    expect((await exchanged(core, (await minted(core)).accessToken, { actorToken })).expiresIn).toBe(60);
  });

  test("a foreign subject token's exp: its issuer's leeway is not ours to give", async () => {
    const core = await openTestCore();
    const subject = foreignJwt(core, { exp: NOW + 30 });
    expect((await exchanged(core, subject)).expiresIn).toBe(30);
    core.advance(30);
    expect(await stateOf(core, subject)).toBe("active");
    expect(await refusal(exchanged(core, subject))).toBe("invalid_grant");
  });

  test("what the client's policy gives", async () => {
    const core = await openTestCore();
    changePolicy(core, "orders", { accessLifetime: 30 });
    expect((await exchanged(core, (await minted(core)).accessToken)).expiresIn).toBe(30);
  });

  test("anything through a chain of exchanges", async () => {
    const core = await openTestCore();
    let { accessToken } = await minted(core, { lifetime: 100 });
    for (let hop = 1; hop <= 5; hop++) {
      core.advance(10);
      const traded = await exchanged(core, accessToken);
      expect(traded.expiresIn).toBe(100 - hop * 10);
      ({ accessToken } = traded);
    }
  });
});

describe("an exchanged token never outranks its subject token", () => {
  test("a scope it does not have is refused", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { scopes: ["read"] });
    for (const scopes of [["write"], ["read", "write"]]) {
      expect(await refusal(exchanged(core, accessToken, { scopes }))).toBe("invalid_grant");
    }
    expect((await exchanged(core, accessToken, { scopes: ["read"] })).scope).toBe("read");
  });

  test("without a wish it gets what both the token and the client's policy have", async () => {
    const core = await openTestCore();
    changePolicy(core, "orders", { scopes: new Set(["write", "admin"]) });
    expect((await exchanged(core, (await minted(core)).accessToken)).scope).toBe("write");
    expect((await exchanged(core, (await minted(core, { scopes: ["read"] })).accessToken)).scope).toBe("");
  });

  test("a subject token without scope yields one without scope", async () => {
    const core = await openTestCore();
    const subject = foreignJwt(core, { scope: undefined });
    expect((await exchanged(core, subject)).scope).toBe("");
    expect(await refusal(exchanged(core, subject, { scopes: ["read"] }))).toBe("invalid_grant");
  });

  test("narrower once is narrower for good", async () => {
    const core = await openTestCore();
    const narrow = await exchanged(core, (await minted(core)).accessToken, { scopes: ["read"] });
    expect(await refusal(exchanged(core, narrow.accessToken, { scopes: ["write"] }))).toBe("invalid_grant");
  });
});

describe("the policy of the client that asks", () => {
  test.each([
    ["a scope it does not name", { scopes: ["admin"] }, "scope_not_allowed"],
    ["an audience it does not name", { audience: ["https://other.example"] }, "audience_not_allowed"],
    ["an unknown client", { clientId: "nobody" }, "client_not_allowed"],
    ["a caller that may not issue", { as: callerWithout("issue") }, "permission_missing"],
    ["another client's caller", { as: caller({ clients: new Set(["web"]) }) }, "client_not_allowed"],
  ])("refuses %s", async (_name, request, code) => {
    const core = await openTestCore();
    expect(await refusal(exchanged(core, (await minted(core)).accessToken, request))).toBe(code);
  });

  test("that leaves out the grant or the form refuses it", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    changePolicy(core, "orders", { formats: ["opaque"] });
    expect(await refusal(exchanged(core, accessToken, { requestedTokenType: JWT }))).toBe("format_not_allowed");
    changePolicy(core, "orders", { grants: new Set(["mint"]) });
    expect(await refusal(exchanged(core, accessToken))).toBe("grant_not_allowed");
  });
});

describe("a subject token", () => {
  test("that was issued to the client itself may be traded by it", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    expect(await exchanged(core, accessToken, { clientId: "web" })).toMatchObject({ sid: expect.any(String) });
  });

  test("that is neither the client's own nor meant for what it serves is refused", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { audience: [ORDERS] });
    expect(await refusal(exchanged(core, accessToken))).toBe("invalid_grant");
    core.environment.clients = new Map([...core.environment.clients, ["other", clientPolicy("other", {})]]);
    const forApi = await minted(core, { audience: [API] });
    expect(await refusal(exchanged(core, forApi.accessToken, { clientId: "other" }))).toBe("invalid_grant");
  });

  test("of a foreign issuer is not the client's own, though it names a client of that name", async () => {
    const core = await openTestCore();
    expect(await refusal(exchanged(core, foreignJwt(core, { client_id: "web" }), { clientId: "web" }))).toBe(
      "invalid_grant",
    );
  });

  test("that is a refresh token is refused, as subject and as actor", async () => {
    const core = await openTestCore();
    const { refresh, accessToken } = await mintedChain(core);
    expect(await refusal(exchanged(core, refresh.token, { clientId: "web" }))).toBe("invalid_grant");
    expect(await refusal(exchanged(core, accessToken, { actorToken: refresh.token }))).toBe("invalid_grant");
  });

  test("that is bound to a key is refused without a proof: the new one would be bound more loosely", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { cnf: { jkt: "x" } });
    expect(await refusal(exchanged(core, accessToken))).toBe("invalid_proof");
  });

  test("that is bound in a way that nobody can prove is refused", async () => {
    const core = await openTestCore();
    expect(await refusal(exchanged(core, foreignJwt(core, { cnf: { kid: "x" } })))).toBe("invalid_grant");
  });

  test("without a subject is refused", async () => {
    const core = await openTestCore();
    expect(await refusal(exchanged(core, foreignJwt(core, { sub: undefined })))).toBe("invalid_grant");
  });

  test.each<[string, Record<string, unknown>]>([
    ["expired", { iat: NOW - 100, exp: NOW - 20 }],
    ["not yet valid", { nbf: NOW + 60 }],
    ["not yet valid, within the leeway", { nbf: NOW + 5 }],
    ["of an untrusted issuer", { iss: "https://evil.example" }],
    ["for an audience that its issuer may not name", { aud: ORDERS }],
  ])("that is %s is refused", async (_name, claims) => {
    const core = await openTestCore();
    changePolicy(core, "orders", { subjectAudiences: new Set([API, ORDERS]) });
    expect(await refusal(exchanged(core, foreignJwt(core, claims)))).toBe("invalid_grant");
  });

  test("that is refused is refused in the same words whatever the cause", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const bad = ["", "garbage", refresh.token, foreignJwt(core, { sub: undefined }), ownJwt(core, {}, { kid: "x" })];
    const words = await Promise.all(bad.map((token) => exchanged(core, token).then(() => "issued", String)));
    expect(new Set(words)).toEqual(new Set([words[0]]));
    expect(words[0]).toContain("AssayError");
  });
});

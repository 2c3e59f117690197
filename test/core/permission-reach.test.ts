/** Permissions that are limited to audiences and clients one by one: the others of the same caller reach further. */
import { describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { API, caller, FOREIGN, openTestCore, ORDERS, type TestCore } from "../support/core-environment.ts";
import {
  exchanged,
  introspected,
  minted,
  mintedChain,
  refreshed,
  refusal,
  revoked,
  stateOf,
} from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";

const API_ONLY = { audiences: new Set([API]) };
const WEB_ONLY = { clients: new Set(["web"]) };
const ELSEWHERE = { audiences: new Set(["https://elsewhere.example"]) };
const ORDERS_ONLY = { clients: new Set(["orders"]) };

/** A token of the client `orders`. */
async function ofOrders(core: TestCore) {
  return (await minted(core, { clientId: "orders" })).accessToken;
}

describe("introspect", () => {
  test("limited to an audience sees tokens that name it, though the caller has others", async () => {
    const core = await openTestCore();
    const as = caller({ narrower: { introspect: API_ONLY } });
    expect(await stateOf(core, (await minted(core)).accessToken, { as })).toBe("active");
    const { accessToken } = await minted(core, { audience: [ORDERS] });
    expect(await stateOf(core, accessToken, { as })).toBe("audience_mismatch");
    expect(await refusal(introspected(core, accessToken, { as, audience: [ORDERS] }))).toBe("audience_not_allowed");
  });

  test("limited to a client sees the tokens of that client alone, of every form", async () => {
    const core = await openTestCore();
    const as = caller({ narrower: { introspect: WEB_ONLY } });
    for (const format of ["jwt", "opaque"] as const) {
      const own = await minted(core, { format });
      const others = await minted(core, { format, clientId: "orders" });
      expect(await stateOf(core, own.accessToken, { as })).toBe("active");
      expect(await stateOf(core, others.accessToken, { as })).toBe("client_mismatch");
    }
  });

  test.each([["web"], [undefined]])(
    "limited to a client sees no token of another issuer, whose client_id is %s",
    async (clientId) => {
      const core = await openTestCore();
      const token = foreignJwt(core, { client_id: clientId });
      const as = caller({ narrower: { introspect: WEB_ONLY } });
      expect(await stateOf(core, token)).toBe("active");
      expect(await introspected(core, token, { as })).toEqual({
        active: false,
        outcome: "client_mismatch",
        inactiveReason: "client_mismatch",
      });
    },
  );

  test("limited to a client leads to no challenge about another's token", async () => {
    const core = await openTestCore();
    const as = caller({ narrower: { introspect: WEB_ONLY } });
    const answer = await introspected(core, await ofOrders(core), { as, requiredScopes: ["admin"] });
    expect(answer).not.toHaveProperty("challenge");
  });

  test("is not limited by the caller's clients, which are for what it issues and revokes", async () => {
    const core = await openTestCore();
    expect(await stateOf(core, await ofOrders(core), { as: caller(WEB_ONLY) })).toBe("active");
  });

  test("of a refresh token needs its client within issue and within its own clients, and no audience", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const see = (narrower: NonNullable<Parameters<typeof caller>[0]>["narrower"] = {}) =>
      stateOf(core, refresh.token, { as: caller({ narrower }) });
    expect(await see({ introspect: { audiences: new Set([ORDERS]) }, issue: { audiences: new Set([ORDERS]) } })).toBe(
      "active",
    );
    expect(await see({ introspect: WEB_ONLY, issue: WEB_ONLY })).toBe("active");
    expect(await see({ introspect: WEB_ONLY, issue: ORDERS_ONLY })).toBe("client_mismatch");
    expect(await see({ introspect: ORDERS_ONLY, issue: WEB_ONLY })).toBe("client_mismatch");
  });
});

describe("diagnose", () => {
  test.each([
    ["an audience that the token names", API_ONLY, "insufficient_scope"],
    ["another audience", { audiences: new Set([ORDERS]) }, undefined],
    ["the token's client", WEB_ONLY, "insufficient_scope"],
    ["another client", ORDERS_ONLY, undefined],
    ["the token's audience and another client", { ...API_ONLY, ...ORDERS_ONLY }, undefined],
  ])("limited to %s", async (_what, diagnose, inactiveReason) => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    const as = caller({ narrower: { diagnose } });
    const answer = await introspected(core, accessToken, { as, requiredScopes: ["admin"] });
    expect(answer).toEqual({
      active: false,
      outcome: "insufficient_scope",
      challenge: "insufficient_scope",
      ...(inactiveReason === undefined ? {} : { inactiveReason }),
    });
  });

  test.each([
    ["garbage", () => "garbage"],
    ["a token with a bad signature", (token: string) => `${token.slice(0, -8)}AAAAAAAA`],
    [
      "a foreign token without a client",
      (_token: string, core: TestCore) => foreignJwt(core, { client_id: undefined }),
    ],
  ])("limited to a client is told nothing about %s", async (_what, spoilt) => {
    const core = await openTestCore();
    const token = spoilt((await minted(core)).accessToken.reveal(), core);
    const as = caller({ narrower: { diagnose: WEB_ONLY } });
    const answer = await introspected(core, token, { as, requiredScopes: ["admin"] });
    expect(answer.active).toBe(false);
    expect(answer).not.toHaveProperty("inactiveReason");
  });

  test("is told why a token within its limits is dead", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    await revoked(core, { by: "token", token: accessToken });
    const as = caller({ narrower: { diagnose: { ...API_ONLY, ...WEB_ONLY } } });
    expect(await introspected(core, accessToken, { as })).toMatchObject({ inactiveReason: "revoked" });
  });

  test("limited to an audience is told of refresh tokens of clients that the caller may issue for", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    await refreshed(core, first.refresh.token);
    const answerFor = (issue: { clients: Set<string> }) =>
      introspected(core, first.refresh.token, { as: caller({ narrower: { diagnose: API_ONLY, issue } }) });
    expect(await answerFor(WEB_ONLY)).toMatchObject({ inactiveReason: "superseded" });
    expect(await answerFor(ORDERS_ONLY)).not.toHaveProperty("inactiveReason");
  });
});

describe("issue", () => {
  const forApi = caller({ narrower: { issue: API_ONLY } });
  const forOrders = caller({ narrower: { issue: { audiences: new Set([ORDERS]) } } });

  test("limited to an audience mints for no other", async () => {
    const core = await openTestCore();
    expect((await minted(core, { as: forApi, audience: [API] })).accessToken).toBeDefined();
    for (const audience of [[ORDERS], [API, ORDERS]]) {
      expect(await refusal(minted(core, { as: forApi, audience }))).toBe("audience_not_allowed");
    }
  });

  test("limited to an audience exchanges for no other", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    expect((await exchanged(core, accessToken, { as: forOrders })).accessToken).toBeDefined();
    expect(await refusal(exchanged(core, accessToken, { as: forApi }))).toBe("audience_not_allowed");
  });

  test("limited to a client issues for no other, though the caller acts for it otherwise", async () => {
    const core = await openTestCore();
    const as = caller({ narrower: { issue: WEB_ONLY } });
    const token = await ofOrders(core);
    expect(await refusal(minted(core, { as, clientId: "orders" }))).toBe("client_not_allowed");
    expect(await revoked(core, { by: "token", token }, { as })).toBeDefined();
  });

  test.each(["jwt", "opaque"] as const)("a refresh (%s) yields the audiences within its limits", async (format) => {
    const core = await openTestCore();
    const first = await mintedChain(core, { format, audience: [API, ORDERS] });
    const second = await refreshed(core, first.refresh.token, { as: forOrders });
    expect(await introspected(core, second.accessToken)).toMatchObject({ active: true, claims: { aud: [ORDERS] } });
    const third = await refreshed(core, second.refresh.token);
    expect(await introspected(core, third.accessToken)).toMatchObject({ claims: { aud: [API, ORDERS] } });
  });

  test.each(["jwt", "opaque"] as const)(
    "a retry by a caller with other limits (%s) stays within these",
    async (format) => {
      const core = await openTestCore();
      const first = await mintedChain(core, { format, audience: [API, ORDERS] });
      const audiences: unknown[] = [];
      for (const as of [forApi, forOrders, caller(), forApi]) {
        const { accessToken } = await refreshed(core, first.refresh.token, { as });
        const answer = await introspected(core, accessToken);
        audiences.push(answer.active && answer.claims.aud);
      }
      expect(audiences).toEqual([[API], [ORDERS], [API, ORDERS], [API]]);
    },
  );

  test("a refresh of which nothing is within its limits is refused, and the family lives on", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { audience: [API] });
    expect(await refusal(refreshed(core, refresh.token, { as: forOrders }))).toBe("invalid_grant");
    expect(await stateOf(core, refresh.token)).toBe("active");
  });
});

describe("revoke", () => {
  const forApi = caller({ narrower: { revoke: API_ONLY } });

  test("limited to an audience revokes tokens that name it, of every issuer, and no others", async () => {
    const core = await openTestCore();
    for (const token of [(await minted(core, { audience: [API, ORDERS] })).accessToken.reveal(), foreignJwt(core)]) {
      expect(
        await refusal(
          revoked(core, { by: "token", token: new Secret(token) }, { as: caller({ narrower: { revoke: ELSEWHERE } }) }),
        ),
      ).toBe("audience_not_allowed");
      expect(await revoked(core, { by: "token", token: new Secret(token) }, { as: forApi })).toBeDefined();
      expect(await stateOf(core, token)).toBe("revoked");
    }
  });

  test("limited to an audience revokes no refresh token: its family may reach further", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    expect(await refusal(revoked(core, { by: "token", token: refresh.token }, { as: forApi }))).toBe(
      "audience_not_allowed",
    );
    expect(await stateOf(core, refresh.token)).toBe("active");
  });

  test.each(["sid", "subject", "client_id", "key_id", "issuer"] as const)(
    "limited to an audience revokes nothing by %s",
    async (by) => {
      const core = await openTestCore();
      const { sid } = await mintedChain(core);
      const selectors = {
        sid: { by: "sid", sid },
        subject: { by: "subject", sub: "alice" },
        client_id: { by: "client_id", clientId: "web" },
        key_id: { by: "key_id", kid: "own" },
        issuer: { by: "issuer", iss: FOREIGN },
      } as const;
      expect(await refusal(revoked(core, selectors[by], { as: forApi }))).toBe("audience_not_allowed");
    },
  );

  test.each([
    ["revoke", { revoke: WEB_ONLY }],
    ["admin", { admin: WEB_ONLY }],
  ])("by client_id needs the client within %s", async (_which, narrower) => {
    const core = await openTestCore();
    const as = caller({ narrower });
    expect(await refusal(revoked(core, { by: "client_id", clientId: "orders" }, { as }))).toBe("client_not_allowed");
    expect(await revoked(core, { by: "client_id", clientId: "web" }, { as })).toBeDefined();
  });

  test("by subject is left to a caller whose admin alone is limited", async () => {
    const core = await openTestCore();
    const as = caller({ narrower: { admin: WEB_ONLY } });
    expect(await revoked(core, { by: "subject", sub: "alice" }, { as })).toBeDefined();
    expect(await refusal(revoked(core, { by: "issuer", iss: FOREIGN }, { as }))).toBe("client_not_allowed");
  });
});

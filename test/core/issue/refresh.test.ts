import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeRefreshToken } from "../../../src/core/token/refresh-token.ts";
import { uuidV7 } from "../../../src/core/token/uuid.ts";
import {
  API,
  caller,
  callerWithout,
  changePolicy,
  openTestCore,
  ORDERS,
  START,
} from "../../support/core-environment.ts";
import {
  introspected,
  minted,
  mintedChain,
  refreshed,
  refusal,
  revoked,
  stateOf,
} from "../../support/core-requests.ts";

const DAY = 86_400;

describe("the current refresh token", () => {
  test.each(["jwt", "opaque"] as const)("yields a new access token (%s) and its successor", async (format) => {
    const core = await openTestCore();
    const first = await mintedChain(core, { format });
    core.advance(60);
    const second = await refreshed(core, first.refresh.token);
    expect(second).toMatchObject({
      sid: first.sid,
      scope: "read write",
      expiresIn: 900,
      refresh: { expiresIn: 7 * DAY },
    });
    expect(await stateOf(core, second.accessToken)).toBe("active");
    expect(await stateOf(core, second.refresh.token)).toBe("active");
    expect(await stateOf(core, first.refresh.token)).toBe("superseded");
  });

  test("leaves earlier access tokens alive until they expire", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    core.advance(60);
    await refreshed(core, first.refresh.token);
    expect(await stateOf(core, first.accessToken)).toBe("active");
    core.advance(840);
    expect(await stateOf(core, first.accessToken)).toBe("expired");
  });

  test("carries on what the family was granted", async () => {
    const core = await openTestCore();
    const granted = {
      authTime: START / 1_000 - 5,
      acr: "2",
      amr: ["pwd"],
      claims: { tenant: "t1" },
      audience: [API, ORDERS],
    };
    const first = await mintedChain(core, granted);
    core.advance(60);
    const [before, after] = await Promise.all([
      introspected(core, first.accessToken),
      introspected(core, (await refreshed(core, first.refresh.token)).accessToken),
    ]);
    const later = { jti: expect.any(String), iat: START / 1_000 + 60, exp: START / 1_000 + 960 };
    expect(after).toEqual({ ...before, claims: { ...("claims" in before ? before.claims : {}), ...later } });
  });

  test("works through a hundred generations, and only the last token is good", async () => {
    const core = await openTestCore();
    let { refresh } = await mintedChain(core);
    for (let generation = 1; generation <= 100; generation++) {
      core.advance(3_600);
      ({ refresh } = await refreshed(core, refresh.token));
    }
    expect(await stateOf(core, refresh.token)).toBe("active");
  });

  test("rolls its idle lifetime on, and the family's end stays where it was", async () => {
    const core = await openTestCore();
    let { refresh } = await mintedChain(core);
    for (const expiresIn of [7, 7, 7, 6, 0.5]) {
      core.advance(expiresIn === 0.5 ? 5.5 * DAY : 6 * DAY);
      ({ refresh } = await refreshed(core, refresh.token));
      expect(refresh.expiresIn).toBe(expiresIn * DAY);
    }
    core.advance(DAY / 2);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
  });

  test("is refused once it has idled away, and its family is not dead for it", async () => {
    const core = await openTestCore();
    changePolicy(core, "web", { refreshIdleLifetime: 300 });
    const { refresh, accessToken } = await mintedChain(core);
    core.advance(300);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    expect(await stateOf(core, accessToken)).toBe("active");
    expect(core.signals).toEqual([]);
  });
});

describe("the scope", () => {
  test("may be narrower, for this one access token", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token, { scopes: ["read"] });
    expect(second.scope).toBe("read");
    expect(await stateOf(core, second.accessToken, { requiredScopes: ["write"] })).toBe("insufficient_scope");
    expect((await refreshed(core, second.refresh.token)).scope).toBe("read write");
  });

  test("may never be wider than the family's, and asking uses nothing up", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { scopes: ["read"] });
    for (const scopes of [["write"], ["read", "write"], ["read", "admin"], ["READ"]]) {
      expect(await refusal(refreshed(core, refresh.token, { scopes }))).toBe("invalid_grant");
    }
    expect((await refreshed(core, refresh.token)).scope).toBe("read");
    expect(core.signals).toEqual([]);
  });
});

describe("a refresh token that is not good", () => {
  const sid = uuidV7(START, randomBytes(10));
  test.each([
    ["garbage", "garbage"],
    ["nothing", ""],
    ["a wrong checksum", `asy_rt_${"0".repeat(62)}`],
    ["an unknown family", encodeRefreshToken({ macKeyId: 7, sid, generation: 0 }, randomBytes(32), randomBytes(16))],
    ["an unknown MAC key", encodeRefreshToken({ macKeyId: 8, sid, generation: 0 }, randomBytes(32), randomBytes(16))],
    [
      "a family id of another kind",
      encodeRefreshToken({ macKeyId: 7, sid: crypto.randomUUID(), generation: 0 }, randomBytes(32), randomBytes(16)),
    ],
  ])("(%s) is refused", async (_name, token) => {
    const core = await openTestCore();
    expect(await refusal(refreshed(core, token))).toBe("invalid_grant");
    expect(core.signals).toEqual([]);
  });

  test.each(["jwt", "opaque"] as const)("(an access token, %s) is refused", async (format) => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { format });
    expect(await refusal(refreshed(core, accessToken))).toBe("invalid_grant");
  });

  /** Of whichever generation: without the key, nobody can kill a family whose `sid` he has seen. */
  test.each([0, 1, 2, 3, 9])(
    "(forged for generation %i of a real family) is refused and touches nothing",
    async (generation) => {
      const core = await openTestCore();
      const first = await mintedChain(core);
      const second = await refreshed(core, (await refreshed(core, first.refresh.token)).refresh.token);
      const fields = { macKeyId: core.environment.macKeys.active().id, sid: first.sid, generation };
      const forged = encodeRefreshToken(fields, randomBytes(32), randomBytes(16));
      expect(await refusal(refreshed(core, forged))).toBe("invalid_grant");
      expect(await stateOf(core, forged)).toBe("bad_signature");
      expect(await stateOf(core, second.refresh.token)).toBe("active");
      expect(core.signals).toEqual([{ kind: "refresh_token_forged", severity: "warning", caller: "test" }]);
    },
  );

  test("is not good with the MAC key alone: the family's salt is missing", async () => {
    const core = await openTestCore();
    const { sid: known } = await mintedChain(core);
    const { id: macKeyId, key } = core.environment.macKeys.active();
    const forged = encodeRefreshToken({ macKeyId, sid: known, generation: 0 }, key, Buffer.alloc(16));
    expect(await refusal(refreshed(core, forged))).toBe("invalid_grant");
  });

  test("is refused in the same words whatever the cause", async () => {
    const core = await openTestCore();
    const [first, revokedOne, expired] = [await mintedChain(core), await mintedChain(core), await mintedChain(core)];
    await revoked(core, { by: "sid", sid: revokedOne.sid });
    const asked = [
      refreshed(core, "garbage"),
      refreshed(core, first.refresh.token, { clientId: "orders" }),
      refreshed(core, first.refresh.token, { scopes: ["admin"] }),
      refreshed(core, revokedOne.refresh.token),
    ];
    const words = await Promise.all(asked.map((work) => work.then(() => "issued", String)));
    core.advance(8 * DAY);
    words.push(await refreshed(core, expired.refresh.token).then(() => "issued", String));
    expect(new Set(words)).toEqual(new Set([words[0]]));
    expect(words[0]).toContain("AssayError");
  });
});

describe("who refreshes", () => {
  test("must name the client that the token was issued to; another name touches nothing", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token);
    core.advance(60);
    for (const token of [first.refresh.token, second.refresh.token]) {
      expect(await refusal(refreshed(core, token, { clientId: "orders" }))).toBe("invalid_grant");
    }
    expect(await stateOf(core, second.refresh.token)).toBe("active");
    expect(core.signals).toEqual([]);
  });

  test.each([
    ["may not issue", { as: callerWithout("issue") }, "permission_missing"],
    ["may not act for the client", { as: caller({ clients: new Set(["orders"]) }) }, "client_not_allowed"],
    ["names an unknown client", { clientId: "nobody" }, "client_not_allowed"],
  ])("and %s is refused before the token is looked at", async (_name, request, code) => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    expect(await refusal(refreshed(core, refresh.token, request))).toBe(code);
    expect(await stateOf(core, refresh.token)).toBe("active");
  });

  test("a token bound to a key is refused without a proof, and unharmed", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { cnf: { "x5t#S256": "x" } });
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_proof");
    await refreshed(core, refresh.token, { proof: { clientCertificate: "x" } });
  });
});

describe("a policy that has become narrower since", () => {
  test("refuses a scope that is asked for and has been lost, and touches nothing", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    changePolicy(core, "web", { scopes: new Set(["read"]) });
    expect(await refusal(refreshed(core, first.refresh.token, { scopes: ["write"] }))).toBe("invalid_grant");
    expect(await stateOf(core, first.refresh.token)).toBe("active");
  });

  test("narrows what a refresh yields", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { audience: [API, ORDERS], lifetime: 3_600 });
    const narrower = { scopes: new Set(["read"]), audiences: new Set([ORDERS]), accessMaxLifetime: 300 };
    changePolicy(core, "web", narrower);
    const second = await refreshed(core, refresh.token);
    expect(second).toMatchObject({ scope: "read", expiresIn: 300 });
    expect(await introspected(core, second.accessToken)).toMatchObject({ claims: { aud: [ORDERS], scope: "read" } });
  });

  test.each([
    ["audience", { audiences: new Set<string>() }, "invalid_grant"],
    ["format", { formats: ["opaque"] as const }, "invalid_grant"],
    ["refresh grant", { grants: new Set(["mint"] as const) }, "grant_not_allowed"],
  ])("and leaves no %s refuses, without using the token up", async (_name, change, code) => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { format: "jwt" });
    changePolicy(core, "web", change);
    expect(await refusal(refreshed(core, refresh.token))).toBe(code);
    expect(await stateOf(core, refresh.token)).toBe("active");
  });

  test("refuses a scope that is asked for and gone, instead of leaving it out", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    changePolicy(core, "web", { scopes: new Set(["read"]) });
    for (const scopes of [["write"], ["read", "write"]]) {
      expect(await refusal(refreshed(core, refresh.token, { scopes }))).toBe("invalid_grant");
    }
    expect((await refreshed(core, refresh.token, { scopes: ["read"] })).scope).toBe("read");
  });

  test("and has become wider again widens no family beyond its birth", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { scopes: ["read"] });
    changePolicy(core, "web", { scopes: new Set(["read", "write", "admin"]) });
    expect((await refreshed(core, refresh.token)).scope).toBe("read");
  });
});

describe("the MAC key", () => {
  const newKey = { id: 9, key: randomBytes(32) };

  test("may rotate: old tokens are known, new ones are made with the new key", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const { macKeys } = core.environment;
    core.environment.macKeys = { active: () => newKey, byId: async (id) => (id === 9 ? newKey.key : macKeys.byId(id)) };
    const second = await refreshed(core, refresh.token);
    expect(await stateOf(core, second.refresh.token)).toBe("active");
    expect(await stateOf(core, (await refreshed(core, second.refresh.token)).refresh.token)).toBe("active");
  });

  test("once removed, leaves its tokens refused and their families alone", async () => {
    const core = await openTestCore();
    const { refresh, accessToken } = await mintedChain(core);
    core.environment.macKeys = { active: () => newKey, byId: async (id) => (id === 9 ? newKey.key : undefined) };
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    expect(await stateOf(core, refresh.token)).toBe("unknown_key");
    expect(await stateOf(core, accessToken)).toBe("active");
  });

  test("once revoked, kills every family whose current token it made", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    await revoked(core, { by: "key_id", kid: "mac-00000007" });
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    expect(await stateOf(core, refresh.token)).toBe("revoked");
  });
});

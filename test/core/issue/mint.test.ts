import { describe, expect, test } from "vitest";
import { unseal } from "../../../src/core/sealing.ts";
import { opaqueSealingKey, opaqueTokenDigest } from "../../../src/core/token/opaque-token.ts";
import { birthOf } from "../../../src/core/token/uuid.ts";
import {
  API,
  caller,
  callerWithout,
  changePolicy,
  clientPolicy,
  openTestCore,
  type TestCore,
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

describe("a client's policy", () => {
  test("allows what it says", async () => {
    const core = await openTestCore();
    const issued = await minted(core, { scopes: ["write"], audience: [ORDERS], format: "opaque", refresh: true });
    expect(issued).toMatchObject({
      tokenType: "Bearer",
      scope: "write",
      expiresIn: 900,
      refresh: { expiresIn: 7 * DAY },
    });
    expect(issued.accessToken.reveal()).toMatch(/^asy_at_/);
    expect(await stateOf(core, issued.accessToken)).toBe("active");
  });

  test.each([
    ["a scope it does not name", { scopes: ["read", "admin"] }, "scope_not_allowed"],
    ["a scope in another case", { scopes: ["READ"] }, "scope_not_allowed"],
    ["the empty scope", { scopes: [""] }, "scope_not_allowed"],
    ["an audience it does not name", { audience: [API, "https://other.example"] }, "audience_not_allowed"],
    ["an audience with a slash more", { audience: [`${API}/`] }, "audience_not_allowed"],
    ["a client that does not exist", { clientId: "nobody" }, "client_not_allowed"],
    ["a client in another case", { clientId: "WEB" }, "client_not_allowed"],
    ["a caller without the permission", { as: callerWithout("issue") }, "permission_missing"],
    ["another client's caller", { as: caller({ clients: new Set(["orders"]) }) }, "client_not_allowed"],
    ["a caller without clients", { as: caller({ clients: new Set() }) }, "client_not_allowed"],
  ])("refuses %s", async (_name, request, code) => {
    const core = await openTestCore();
    expect(await refusal(minted(core, request))).toBe(code);
  });

  test.each([
    ["the grant", { grants: new Set(["refresh", "exchange"] as const) }, {}, "grant_not_allowed"],
    ["the refresh grant", { grants: new Set(["mint"] as const) }, { refresh: true }, "grant_not_allowed"],
    ["opaque tokens", { formats: ["jwt"] as const }, { format: "opaque" as const }, "format_not_allowed"],
    ["JWTs", { formats: ["opaque"] as const }, { format: "jwt" as const }, "format_not_allowed"],
  ])("that leaves out %s refuses it", async (_name, policy, request, code) => {
    const core = await openTestCore();
    changePolicy(core, "web", policy);
    expect(await refusal(minted(core, request))).toBe(code);
  });

  test("an unknown client and another caller's are refused in the same words", async () => {
    const core = await openTestCore();
    const as = caller({ clients: new Set(["orders"]) });
    const unknown = await minted(core, { as, clientId: "nobody" }).then(() => "", String);
    const anothers = await minted(core, { as, clientId: "web" }).then(() => "", String);
    expect(anothers.replace("'web'", "'nobody'")).toBe(unknown);
  });

  test("gives its first form when none is asked for", async () => {
    const core = await openTestCore();
    changePolicy(core, "web", { formats: ["opaque", "jwt"] });
    expect((await minted(core)).accessToken.reveal()).toMatch(/^asy_at_/);
    expect((await minted(core, { format: "jwt" })).accessToken.reveal()).toMatch(/^ey/);
  });

  test("a client of another name has its own", async () => {
    const core = await openTestCore();
    core.environment.clients = new Map([["cli", clientPolicy("cli", { scopes: new Set(["deploy"]) })]]);
    expect(await refusal(minted(core, { clientId: "cli", scopes: ["read"] }))).toBe("scope_not_allowed");
    expect((await minted(core, { clientId: "cli", scopes: ["deploy"] })).scope).toBe("deploy");
  });
});

describe("a lifetime", () => {
  test.each([
    ["the client's own when none is asked for", undefined, 900],
    ["what is asked for", 60, 60],
    ["longer than the default, within the greatest", 3_600, 3_600],
    ["capped by the greatest", 3_601, 3_600],
    ["capped, however absurd", 1e15, 3_600],
  ])("is %s", async (_name, asked, expiresIn) => {
    const core = await openTestCore();
    const issued = await minted(core, asked === undefined ? {} : { lifetime: asked });
    const exp = START / 1_000 + expiresIn;
    expect(issued.expiresIn).toBe(expiresIn);
    expect(await introspected(core, issued.accessToken)).toMatchObject({ active: true, claims: { exp } });
  });

  test("of a refresh token never goes beyond the family's", async () => {
    const core = await openTestCore();
    changePolicy(core, "web", { refreshAbsoluteLifetime: DAY });
    const { refresh } = await mintedChain(core);
    expect(refresh.expiresIn).toBe(DAY);
    core.advance(DAY);
    expect(await stateOf(core, refresh.token)).toBe("expired");
  });
});

describe("a mint", () => {
  test("begins a family, born at this millisecond", async () => {
    const core = await openTestCore();
    core.advance(0.123);
    const [one, other] = [await minted(core), await minted(core)];
    expect(birthOf(one.sid)).toBe(START + 123);
    expect(other.sid).not.toBe(one.sid);
  });

  test("makes tokens that are never the same twice", async () => {
    const core = await openTestCore();
    for (const format of ["jwt", "opaque"] as const) {
      const [one, other] = [await mintedChain(core, { format }), await mintedChain(core, { format })];
      expect(other.accessToken.reveal()).not.toBe(one.accessToken.reveal());
      expect(other.refresh.token.reveal()).not.toBe(one.refresh.token.reveal());
    }
  });

  test("says how a bound token is to be presented", async () => {
    const core = await openTestCore();
    expect((await minted(core, { cnf: { jkt: "x" } })).tokenType).toBe("DPoP");
    expect((await minted(core, { cnf: { "x5t#S256": "x" } })).tokenType).toBe("Bearer");
  });

  test.each(["iss", "sub", "exp", "nbf", "scope", "cnf", "act", "origins"])(
    "cannot be talked into a claim %s of the client's own",
    async (name) => {
      const core = await openTestCore();
      expect(await refusal(minted(core, { claims: { [name]: 1 } }))).toBe("invalid_request");
    },
  );

  test.each([{ amr: [] }, { lifetime: 0 }, { acr: "" }, { subject: "" }])(
    "never makes a token that nobody could read: %j",
    async (changes) => {
      const core = await openTestCore();
      expect(await refusal(minted(core, { ...changes, refresh: true }))).toBe("invalid_request");
    },
  );

  test("never yields a token that is too long to be looked at", async () => {
    const core = await openTestCore();
    const scopes = Array.from({ length: 100 }, (_, index) => `scope-${index}`.padEnd(200, "x"));
    changePolicy(core, "web", { scopes: new Set(scopes) });
    expect(await refusal(minted(core, { scopes }))).toBe("invalid_request");
    expect(await stateOf(core, (await minted(core, { scopes, format: "opaque" })).accessToken)).toBe("active");
  });

  test("keeps what an opaque token says where not even we can read it without the token", async () => {
    const core = await openTestCore();
    const { keys, store } = core.environment;
    const token = (await minted(core, { format: "opaque" })).accessToken.reveal();
    const record = (await store.opaqueTokens.get(opaqueTokenDigest(token))) ?? Buffer.alloc(0);
    expect(record.includes("alice")).toBe(false);
    expect(() => unseal(keys.sealing, "opaque-token", record)).toThrow("authenticate");
    expect(unseal(opaqueSealingKey(token, core.environment.keys.opaque), "opaque-token", record)).toMatchObject({
      sub: "alice",
    });
  });
});

describe("a mint in the very millisecond of a revocation", () => {
  test.each([
    ["its subject", { by: "subject", sub: "alice" }],
    ["its client", { by: "client_id", clientId: "web" }],
  ] as const)("of %s lives, since it came after", async (_name, selector) => {
    const core = await openTestCore();
    const before = await minted(core);
    await revoked(core, selector);
    const after = await whileTimePasses(core, () => mintedChain(core));
    expect(birthOf(after.sid)).toBeGreaterThan(START);
    expect(await stateOf(core, before.accessToken)).toBe("revoked");
    expect(await stateOf(core, after.accessToken)).toBe("active");
    expect(await stateOf(core, (await refreshed(core, after.refresh.token)).accessToken)).toBe("active");
  });

  test("is not out of reach of the next revocation", async () => {
    const core = await openTestCore();
    await revoked(core, { by: "subject", sub: "alice" });
    const { accessToken } = await whileTimePasses(core, () => minted(core));
    await revoked(core, { by: "subject", sub: "alice" });
    expect(await stateOf(core, accessToken)).toBe("revoked");
  });

  test("is refused while the revocation lies too far ahead of the store's clock", async () => {
    const core = await openTestCore();
    core.advance(5);
    await revoked(core, { by: "subject", sub: "alice" });
    core.advance(-5);
    expect(await refusal(minted(core))).toBe("store_unavailable");
  });

  test("of another subject or client is born at that millisecond", async () => {
    const core = await openTestCore();
    await revoked(core, { by: "subject", sub: "bob" });
    await revoked(core, { by: "client_id", clientId: "orders" });
    expect(birthOf((await minted(core)).sid)).toBe(START);
  });

  test("is never ahead of the store's time, where that is in doubt: it would escape a revocation that comes next", async () => {
    const core = await openTestCore();
    Object.assign(core.environment.store.clock, { earliest: () => START - 103 });
    expect(birthOf((await minted(core)).sid)).toBe(START - 103);
  });

  test("lives although an instance whose clock is ahead made the revocation", async () => {
    const core = await openTestCore();
    core.advance(0.8);
    await revoked(core, { by: "subject", sub: "alice" });
    core.advance(-0.8);
    const { accessToken } = await whileTimePasses(core, () => minted(core));
    expect(await stateOf(core, accessToken)).toBe("active");
  });
});

describe("auth_time", () => {
  test("may be ahead of the clock by the leeway", async () => {
    const core = await openTestCore();
    const authTime = START / 1_000 + core.environment.leeway;
    expect(await introspected(core, (await minted(core, { authTime })).accessToken)).toMatchObject({ active: true });
  });

  test("is refused where it lies in the future", async () => {
    const core = await openTestCore();
    const authTime = START / 1_000 + core.environment.leeway + 1;
    await expect(minted(core, { authTime })).rejects.toMatchObject({
      code: "invalid_request",
      fields: [{ field: "mint.auth_time", description: "lies in the future" }],
    });
  });
});

describe("a refusal by the client's policy says how to mend it", () => {
  test.each([
    ["scope", { scopes: ["admin"] }, "clients[].scopes"],
    ["audience", { audience: ["https://other.example"] }, "clients[].audiences"],
    ["format", { format: "opaque" as const }, "clients[].formats"],
  ])("%s", async (_name, request, key) => {
    const core = await openTestCore();
    changePolicy(core, "web", { formats: ["jwt"] });
    await expect(minted(core, request)).rejects.toThrow(`: ask for one of its own, or add it to ${key}`);
  });
});

/** The test's clock runs a hundred times faster than the wall's until the work is done. */
async function whileTimePasses<T>(core: TestCore, work: () => Promise<T>): Promise<T> {
  const ticking = setInterval(() => core.advance(0.1), 1);
  try {
    return await work();
  } finally {
    clearInterval(ticking);
  }
}

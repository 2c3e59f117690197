import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RevokeSelector } from "../../src/core/may-revoke.ts";
import { Secret } from "../../src/core/secret.ts";
import { uuidV7 } from "../../src/core/token/uuid.ts";
import { FOREIGN, ISSUER, openTestCore, START } from "../support/core-environment.ts";
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
import { foreignJwt, ownJwt } from "../support/honest-jwt.ts";

const ACKNOWLEDGED = { revision: expect.stringMatching(/./), durability: "local" };
const ANY_ID = uuidV7(START, randomBytes(10));

describe("revoking by token", () => {
  test.each(["jwt", "opaque"] as const)(
    "kills an access token of ours (%s), and no other of its family",
    async (format) => {
      const core = await openTestCore();
      const first = await mintedChain(core, { format });
      const second = await refreshed(core, first.refresh.token);
      expect(await revoked(core, { by: "token", token: first.accessToken })).toEqual(ACKNOWLEDGED);
      expect(await stateOf(core, first.accessToken)).toBe("revoked");
      expect(await stateOf(core, second.accessToken)).toBe("active");
      expect(await stateOf(core, second.refresh.token)).toBe("active");
    },
  );

  test.each([
    ["with a jti", "t1"],
    ["without jti", undefined],
  ])("kills a foreign token %s, and no other", async (_name, jti) => {
    const core = await openTestCore();
    const [token, other] = [foreignJwt(core, { jti }), foreignJwt(core, { jti: jti && "t2", nonce: 1 })];
    expect(await revoked(core, { by: "token", token: new Secret(token) })).toEqual(ACKNOWLEDGED);
    expect(await stateOf(core, token)).toBe("revoked");
    expect(await stateOf(core, other)).toBe("active");
  });

  test("kills a foreign token for as long as its issuer's leeway lets it live", async () => {
    const core = await openTestCore();
    const token = foreignJwt(core, { exp: START / 1_000 + 30 });
    await revoked(core, { by: "token", token: new Secret(token) });
    core.advance(35);
    while ((await core.environment.store.purge()) > 0);
    expect(await stateOf(core, token)).toBe("revoked");
  });

  test("kills a token that is not valid yet", async () => {
    const core = await openTestCore();
    const token = foreignJwt(core, { nbf: START / 1_000 + 60 });
    expect(await revoked(core, { by: "token", token: new Secret(token) })).toEqual(ACKNOWLEDGED);
    core.advance(60);
    expect(await stateOf(core, token)).toBe("revoked");
  });

  test("that is bound to a key needs no proof", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { cnf: { jkt: "x" } });
    expect(await revoked(core, { by: "token", token: accessToken })).toEqual(ACKNOWLEDGED);
    expect(await stateOf(core, accessToken)).toBe("revoked");
  });

  test("of any generation of a refresh token kills its family and all minted from it", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token);
    const third = await refreshed(core, second.refresh.token);
    const traded = await exchanged(core, second.accessToken);
    expect(await revoked(core, { by: "token", token: first.refresh.token })).toEqual(ACKNOWLEDGED);
    const all = [first, second, third].flatMap(({ accessToken, refresh }) => [accessToken, refresh.token]);
    for (const token of [...all, traded.accessToken]) expect(await stateOf(core, token)).toBe("revoked");
  });

  test("again changes nothing and is acknowledged alike", async () => {
    const core = await openTestCore();
    const { accessToken, refresh } = await mintedChain(core);
    for (const token of [accessToken, refresh.token]) {
      const first = await revoked(core, { by: "token", token });
      expect(await revoked(core, { by: "token", token })).toEqual(first);
    }
  });
});

describe("revoking a token that is no good is no error, and there is nothing to acknowledge (RFC 7009):", () => {
  test.each(["", "garbage", `asy_at_${"0".repeat(49)}`, `asy_rt_${"0".repeat(62)}`, "a.b.c", "x".repeat(20_000)])(
    "%s",
    async (token) => {
      const core = await openTestCore();
      expect(await revoked(core, { by: "token", token: new Secret(token) })).toBeUndefined();
    },
  );

  test("forged, altered, of an untrusted issuer, of an unknown key", async () => {
    const core = await openTestCore();
    const bad = [
      `${ownJwt(core).slice(0, -4)}AAAA`,
      foreignJwt(core, { iss: "https://evil.example" }),
      ownJwt(core, {}, { kid: "other" }),
      foreignJwt(core, { aud: undefined }),
    ];
    for (const token of bad) expect(await revoked(core, { by: "token", token: new Secret(token) })).toBeUndefined();
  });

  test("expired, of each form", async () => {
    const core = await openTestCore();
    const [jwt, opaque] = [await mintedChain(core), await minted(core, { format: "opaque" })];
    core.advance(8 * 86_400);
    for (const token of [jwt.accessToken, jwt.refresh.token, opaque.accessToken]) {
      expect(await revoked(core, { by: "token", token })).toBeUndefined();
    }
  });
});

describe("revoking by what a token says of itself", () => {
  const cases: [string, (token: { jti: string; sid: string }) => RevokeSelector][] = [
    ["token_id", ({ jti }) => ({ by: "token_id", jti })],
    ["token_id and our own issuer", ({ jti }) => ({ by: "token_id", iss: ISSUER, jti })],
    ["sid", ({ sid }) => ({ by: "sid", sid })],
    ["sid and our own issuer", ({ sid }) => ({ by: "sid", iss: ISSUER, sid })],
    ["subject", () => ({ by: "subject", sub: "alice" })],
    ["client_id", () => ({ by: "client_id", clientId: "web" })],
    ["issuer", () => ({ by: "issuer", iss: ISSUER })],
  ];
  test.each(cases)("kills it by %s, in each form, and nobody else's", async (name, selector) => {
    const core = await openTestCore();
    for (const format of ["jwt", "opaque"] as const) {
      const { accessToken, sid } = await minted(core, { format });
      const other = await minted(core, { format, clientId: "orders", subject: "carol" });
      const answer = await introspected(core, accessToken);
      const jti = answer.active ? (answer.claims.jti ?? "") : "";
      expect(await revoked(core, selector({ jti, sid }))).toEqual(ACKNOWLEDGED);
      expect(await stateOf(core, accessToken)).toBe("revoked");
      expect(await stateOf(core, other.accessToken)).toBe(name === "issuer" ? "revoked" : "active");
      core.advance(1);
      if (name === "issuer") break;
    }
  });

  const foreign: [string, RevokeSelector][] = [
    ["token_id", { by: "token_id", iss: FOREIGN, jti: "t1" }],
    ["sid", { by: "sid", iss: FOREIGN, sid: "s1" }],
    ["subject", { by: "subject", iss: FOREIGN, sub: "bob" }],
    ["client_id", { by: "client_id", iss: FOREIGN, clientId: "portal" }],
    ["key_id", { by: "key_id", iss: FOREIGN, kid: "foreign" }],
    ["issuer", { by: "issuer", iss: FOREIGN }],
  ];
  test.each(foreign)("kills a foreign token by %s of its issuer", async (_name, selector) => {
    const core = await openTestCore();
    const token = foreignJwt(core, { jti: "t1", sid: "s1" });
    expect(await stateOf(core, token)).toBe("active");
    expect(await revoked(core, selector)).toEqual(ACKNOWLEDGED);
    expect(await stateOf(core, token)).toBe("revoked");
    expect(await stateOf(core, ownJwt(core))).toBe("active");
  });

  const namesakes: [string, RevokeSelector][] = [
    ["token_id", { by: "token_id", jti: ANY_ID }],
    ["sid", { by: "sid", sid: ANY_ID }],
    ["subject", { by: "subject", sub: "bob" }],
    ["client_id", { by: "client_id", clientId: "portal" }],
    ["key_id", { by: "key_id", kid: "foreign" }],
    ["issuer", { by: "issuer", iss: ISSUER }],
  ];
  test.each(namesakes)("leaves a foreign token alone when %s names its namesake of ours", async (_name, namesake) => {
    const core = await openTestCore();
    const token = foreignJwt(core, { jti: ANY_ID, sid: ANY_ID });
    await revoked(core, namesake);
    expect(await stateOf(core, token)).toBe("active");
  });

  test("kills what is not known here: who revokes need not have seen the token", async () => {
    const core = await openTestCore();
    const claims = { sid: uuidV7(START, randomBytes(10)), jti: uuidV7(START, randomBytes(10)) };
    expect(await revoked(core, { by: "token_id", jti: claims.jti })).toEqual(ACKNOWLEDGED);
    expect(await stateOf(core, ownJwt(core, claims))).toBe("revoked");
  });

  test("by the key that signed it kills every JWT of that key, for good, and no opaque token", async () => {
    const core = await openTestCore();
    const [jwt, opaque] = [await minted(core), await minted(core, { format: "opaque" })];
    await revoked(core, { by: "key_id", kid: "own" });
    expect(await stateOf(core, jwt.accessToken)).toBe("revoked");
    expect(await stateOf(core, opaque.accessToken)).toBe("active");
    core.advance(10 * 365 * 86_400);
    while ((await core.environment.store.purge()) > 0);
    expect(await stateOf(core, ownJwt(core))).toBe("revoked");
  });

  test("by issuer is for good: what it issues later is dead too", async () => {
    const core = await openTestCore();
    await revoked(core, { by: "issuer", iss: FOREIGN });
    core.advance(10 * 365 * 86_400);
    while ((await core.environment.store.purge()) > 0);
    expect(await stateOf(core, foreignJwt(core))).toBe("revoked");
  });
});

describe("a selector that is a slip", () => {
  const slips: [string, RevokeSelector, string][] = [
    ["a jti that is no UUIDv7", { by: "token_id", jti: "t1" }, "token_id.jti"],
    ["a jti in upper case", { by: "token_id", jti: ANY_ID.toUpperCase() }, "token_id.jti"],
    ["a sid that is no UUIDv7", { by: "sid", sid: crypto.randomUUID() }, "sid"],
    ["an unknown issuer of a token", { by: "token_id", iss: "https://evil.example", jti: "t1" }, "token_id.iss"],
    ["an unknown issuer of a session", { by: "sid", iss: "https://evil.example", sid: "s1" }, "iss"],
    ["an unknown issuer of a subject", { by: "subject", iss: `${ISSUER}/`, sub: "alice" }, "subject.iss"],
    ["an unknown issuer of a client", { by: "client_id", iss: "", clientId: "web" }, "iss"],
    ["an unknown issuer of a key", { by: "key_id", iss: "x", kid: "k" }, "iss"],
    ["an unknown issuer", { by: "issuer", iss: FOREIGN.toUpperCase() }, "issuer"],
  ];
  test.each(slips)("(%s) is refused with the field that is wrong", async (_name, selector, field) => {
    const core = await openTestCore();
    const work = revoked(core, selector);
    expect(await refusal(work)).toBe("invalid_request");
    await expect(work).rejects.toMatchObject({ fields: [{ field }] });
  });
});

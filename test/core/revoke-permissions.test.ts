import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RevokeSelector } from "../../src/core/may-revoke.ts";
import { Secret } from "../../src/core/secret.ts";
import { uuidV7 } from "../../src/core/token/uuid.ts";
import { caller, callerWithout, FOREIGN, ISSUER, openTestCore, START } from "../support/core-environment.ts";
import { minted, mintedChain, refusal, revoked, stateOf } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";

const ID = uuidV7(START, randomBytes(10));
const REVOKER = caller({ permissions: new Set(["revoke"]) });
const ADMIN = caller({ permissions: new Set(["revoke", "admin"]) });
const WEB_REVOKER = caller({ permissions: new Set(["revoke"]), clients: new Set(["web"]) });
const WEB_ADMIN = caller({ permissions: new Set(["revoke", "admin"]), clients: new Set(["web"]) });

const SELECTORS = {
  token_id: { by: "token_id", jti: ID },
  sid: { by: "sid", sid: ID },
  subject: { by: "subject", sub: "alice" },
  client_id: { by: "client_id", clientId: "web" },
  another_client_id: { by: "client_id", clientId: "orders" },
  foreign_client_id: { by: "client_id", iss: FOREIGN, clientId: "web" },
  key_id: { by: "key_id", kid: "own" },
  issuer: { by: "issuer", iss: ISSUER },
  foreign_issuer: { by: "issuer", iss: FOREIGN },
} satisfies Record<string, RevokeSelector>;

const ALLOWED = "allowed";
const DENIED = "permission_missing";
const NOT_THEIRS = "client_not_allowed";

/** For each selector: a revoker, an admin, and both limited to the client `web`. */
const TABLE: [keyof typeof SELECTORS, string, string, string, string][] = [
  ["token_id", ALLOWED, ALLOWED, NOT_THEIRS, NOT_THEIRS],
  ["sid", ALLOWED, ALLOWED, NOT_THEIRS, NOT_THEIRS],
  ["subject", ALLOWED, ALLOWED, NOT_THEIRS, NOT_THEIRS],
  ["client_id", DENIED, ALLOWED, DENIED, ALLOWED],
  ["another_client_id", DENIED, ALLOWED, DENIED, NOT_THEIRS],
  ["foreign_client_id", DENIED, ALLOWED, DENIED, NOT_THEIRS],
  ["key_id", DENIED, ALLOWED, DENIED, NOT_THEIRS],
  ["issuer", DENIED, ALLOWED, DENIED, NOT_THEIRS],
  ["foreign_issuer", DENIED, ALLOWED, DENIED, NOT_THEIRS],
];

test.each(TABLE)("who may revoke by %s: %s, %s; limited to a client: %s, %s", async (name, ...expected) => {
  const core = await openTestCore();
  const outcomes: string[] = [];
  for (const as of [REVOKER, ADMIN, WEB_REVOKER, WEB_ADMIN]) {
    const work = revoked(core, SELECTORS[name], { as });
    outcomes.push(
      await work.then(
        () => ALLOWED,
        () => refusal(work),
      ),
    );
  }
  expect(outcomes).toEqual(expected);
});

test.each(Object.keys(SELECTORS))("without the permission nobody revokes by %s", async (name) => {
  const core = await openTestCore();
  const selector = new Map<string, RevokeSelector>(Object.entries(SELECTORS)).get(name) ?? SELECTORS.sid;
  expect(await refusal(revoked(core, selector, { as: callerWithout("revoke") }))).toBe(DENIED);
});

describe("revoking by token", () => {
  test("needs the permission, even for a token that is no good", async () => {
    const core = await openTestCore();
    const work = revoked(core, { by: "token", token: new Secret("garbage") }, { as: callerWithout("revoke") });
    expect(await refusal(work)).toBe(DENIED);
  });

  test("is allowed for one's own client's tokens, of every form", async () => {
    const core = await openTestCore();
    const [jwt, opaque] = [await mintedChain(core), await minted(core, { format: "opaque" })];
    for (const token of [jwt.accessToken, opaque.accessToken, jwt.refresh.token]) {
      expect(await revoked(core, { by: "token", token }, { as: WEB_REVOKER })).toBeDefined();
      expect(await stateOf(core, token)).toBe("revoked");
    }
  });

  test("is refused for another client's tokens, and they live on (RFC 7009 section 2.1)", async () => {
    const core = await openTestCore();
    const as = caller({ clients: new Set(["orders"]) });
    const [jwt, opaque] = [await mintedChain(core), await minted(core, { format: "opaque" })];
    for (const token of [jwt.accessToken, opaque.accessToken, jwt.refresh.token]) {
      expect(await refusal(revoked(core, { by: "token", token }, { as }))).toBe(NOT_THEIRS);
      expect(await stateOf(core, token)).toBe("active");
    }
  });

  test("of a foreign issuer is refused to whoever is limited to certain clients, of whatever name", async () => {
    const core = await openTestCore();
    for (const clientId of ["web", undefined]) {
      const token = foreignJwt(core, { client_id: clientId });
      expect(await refusal(revoked(core, { by: "token", token: new Secret(token) }, { as: WEB_ADMIN }))).toBe(
        NOT_THEIRS,
      );
      expect(await stateOf(core, token)).toBe("active");
    }
  });

  test("that is no good tells a limited caller nothing: neither refused nor acknowledged", async () => {
    const core = await openTestCore();
    const as = caller({ clients: new Set(["orders"]) });
    const { accessToken } = await minted(core);
    core.advance(900);
    expect(await revoked(core, { by: "token", token: accessToken }, { as })).toBeUndefined();
    expect(await revoked(core, { by: "token", token: new Secret("garbage") }, { as })).toBeUndefined();
  });
});

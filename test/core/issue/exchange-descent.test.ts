import { describe, expect, test } from "vitest";
import type { Issued } from "../../../src/core/issue/issued.ts";
import type { RevokeSelector } from "../../../src/core/may-revoke.ts";
import { Secret } from "../../../src/core/secret.ts";
import { API, caller, FOREIGN, openTestCore, ORDERS, START, type TestCore } from "../../support/core-environment.ts";
import { exchanged, introspected, minted, refusal, revoked, stateOf } from "../../support/core-requests.ts";
import { foreignJwt } from "../../support/honest-jwt.ts";

const accessTokenOf = ({ accessToken }: Issued) => accessToken;

async function jtiOf(core: TestCore, token: Secret | string = ""): Promise<string> {
  const answer = await introspected(core, token, { as: caller({ audiences: new Set([API, ORDERS]) }) });
  return answer.active ? (answer.claims.jti ?? "") : answer.outcome;
}

/** Each form that the subject's and the exchanged token can have. */
const FORMS = [
  ["jwt", "urn:ietf:params:oauth:token-type:jwt"],
  ["opaque", "urn:ietf:params:oauth:token-type:jwt"],
  ["jwt", "urn:ietf:params:oauth:token-type:access_token"],
] as const;

describe("an exchanged token dies with its subject token", () => {
  test.each(FORMS)("by token (%s to %s)", async (format, requestedTokenType) => {
    const core = await openTestCore();
    const subject = await minted(core, { format });
    const traded = await exchanged(core, subject.accessToken, { requestedTokenType });
    await revoked(core, { by: "token", token: subject.accessToken });
    expect(await stateOf(core, traded.accessToken)).toBe("revoked");
  });

  const cases: [string, (subject: { jti: string; sid: string }) => RevokeSelector][] = [
    ["token_id", ({ jti }) => ({ by: "token_id", jti })],
    ["sid", ({ sid }) => ({ by: "sid", sid })],
    ["subject", () => ({ by: "subject", sub: "alice" })],
    ["its own client", () => ({ by: "client_id", clientId: "orders" })],
    ["the subject token's client", () => ({ by: "client_id", clientId: "web" })],
    ["the key that signed them", () => ({ by: "key_id", kid: "own" })],
    ["our issuer", () => ({ by: "issuer", iss: "https://assay.example" })],
  ];
  test.each(cases)("by %s", async (_name, selector) => {
    const core = await openTestCore();
    const subject = await minted(core);
    const traded = await exchanged(core, subject.accessToken);
    await revoked(core, selector({ sid: subject.sid, jti: await jtiOf(core, subject.accessToken) }));
    expect(await stateOf(core, traded.accessToken)).toBe("revoked");
  });

  test("of a key that signed only the subject token, though it is opaque itself", async () => {
    const core = await openTestCore();
    const subject = await minted(core, { format: "jwt" });
    core.environment.clients = new Map(
      [...core.environment.clients].map(([id, policy]) => [id, { ...policy, formats: ["opaque" as const] }]),
    );
    const traded = await exchanged(core, subject.accessToken);
    expect(traded.accessToken.reveal()).toMatch(/^asy_at_/);
    await revoked(core, { by: "key_id", kid: "own" });
    expect(await stateOf(core, traded.accessToken)).toBe("revoked");
  });
});

describe("a token exchanged from a foreign one dies with it", () => {
  const claims = { jti: "t1", sid: "s1" };
  const cases: [string, RevokeSelector][] = [
    ["token_id", { by: "token_id", iss: FOREIGN, jti: "t1" }],
    ["sid", { by: "sid", iss: FOREIGN, sid: "s1" }],
    ["the subject at the foreign issuer", { by: "subject", iss: FOREIGN, sub: "bob" }],
    ["the client at the foreign issuer", { by: "client_id", iss: FOREIGN, clientId: "portal" }],
    ["the foreign issuer's key", { by: "key_id", iss: FOREIGN, kid: "foreign" }],
    ["the foreign issuer", { by: "issuer", iss: FOREIGN }],
    ["the subject at ours", { by: "subject", sub: "bob" }],
    ["the client that asked", { by: "client_id", clientId: "orders" }],
  ];
  test.each(cases)("by %s", async (_name, selector) => {
    const core = await openTestCore();
    const traded = await exchanged(core, foreignJwt(core, claims));
    expect(await stateOf(core, traded.accessToken)).toBe("active");
    await revoked(core, selector);
    expect(await stateOf(core, traded.accessToken)).toBe("revoked");
  });

  test("by token, also where it has no jti", async () => {
    const core = await openTestCore();
    for (const jti of ["t1", undefined]) {
      const subject = foreignJwt(core, { jti });
      const traded = await exchanged(core, subject);
      await revoked(core, { by: "token", token: new Secret(subject) });
      expect(await stateOf(core, traded.accessToken)).toBe("revoked");
    }
  });

  const namesakes: [string, RevokeSelector][] = [
    ["the same jti at ours", { by: "subject", sub: "alice" }],
    ["the same client name at ours", { by: "client_id", clientId: "portal" }],
    ["the same subject name, born later", { by: "subject", iss: FOREIGN, sub: "bob2" }],
    ["the same kid at ours", { by: "key_id", kid: "foreign" }],
    ["another session", { by: "sid", iss: FOREIGN, sid: "s2" }],
  ];
  test.each(namesakes)("and not with %s", async (_name, selector) => {
    const core = await openTestCore();
    const traded = await exchanged(core, foreignJwt(core, claims));
    await revoked(core, selector);
    expect(await stateOf(core, traded.accessToken)).toBe("active");
  });
});

describe("an exchanged token dies with its actor token", () => {
  test("by token, by the actor's family, and by the actor as subject", async () => {
    const core = await openTestCore();
    const cases = [
      (actor: { sid: string; accessToken: Secret }) => ({ by: "token" as const, token: actor.accessToken }),
      (actor: { sid: string }) => ({ by: "sid" as const, sid: actor.sid }),
      () => ({ by: "subject" as const, sub: "svc" }),
    ];
    for (const selector of cases) {
      core.advance(1);
      const actor = await minted(core, { clientId: "orders", subject: "svc" });
      const traded = await exchanged(core, (await minted(core)).accessToken, { actorToken: actor.accessToken });
      expect(await stateOf(core, traded.accessToken)).toBe("active");
      await revoked(core, selector(actor));
      expect(await stateOf(core, traded.accessToken)).toBe("revoked");
    }
  });
});

describe("a chain of exchanges", () => {
  test("dies whole with any of its links, and only from there on", async () => {
    const core = await openTestCore();
    const chain = [(await minted(core)).accessToken];
    for (let hop = 0; hop < 3; hop++) {
      chain.push((await exchanged(core, chain.at(-1) ?? "", { audience: [API] })).accessToken);
    }
    await revoked(core, { by: "token_id", jti: await jtiOf(core, chain[2]) });
    expect(await Promise.all(chain.map((token) => stateOf(core, token)))).toEqual([
      "active",
      "active",
      "revoked",
      "revoked",
    ]);
  });

  test("is bounded: what could no longer say whence it comes is refused", async () => {
    const core = await openTestCore();
    let { accessToken } = await minted(core);
    for (let hop = 1; hop <= 8; hop++) ({ accessToken } = await exchanged(core, accessToken, { audience: [API] }));
    expect(await stateOf(core, accessToken)).toBe("active");
    expect(await refusal(exchanged(core, accessToken))).toBe("invalid_grant");
  });

  test("never yields a token that is too long to be looked at", async () => {
    const core = await openTestCore();
    const long = {
      sub: "s".repeat(1_024),
      client_id: "c".repeat(1_024),
      sid: "i".repeat(1_024),
      jti: "j".repeat(1_024),
    };
    let token: Secret | undefined = new Secret(foreignJwt(core, long));
    for (let hop = 1; token !== undefined && hop <= 8; hop++) {
      expect(await stateOf(core, token)).toBe("active");
      token = await exchanged(core, token, { audience: [API] }).then(accessTokenOf, () => undefined);
    }
  });
});

describe("what is revoked cannot be exchanged", () => {
  test.each(["jwt", "opaque"] as const)(
    "a subject token (%s) is refused at once, and so is an actor token",
    async (format) => {
      const core = await openTestCore();
      const [dead, alive] = [await minted(core, { format }), await minted(core)];
      await revoked(core, { by: "sid", sid: dead.sid });
      expect(await refusal(exchanged(core, dead.accessToken))).toBe("invalid_grant");
      expect(await refusal(exchanged(core, alive.accessToken, { actorToken: dead.accessToken }))).toBe("invalid_grant");
    },
  );

  test("an older family cannot escape the revocation of the client that asks", async () => {
    const core = await openTestCore();
    const subject = await minted(core);
    core.advance(5);
    await revoked(core, { by: "client_id", clientId: "orders" });
    core.advance(5);
    expect(await refusal(exchanged(core, subject.accessToken))).toBe("invalid_grant");
    expect(await exchanged(core, (await minted(core)).accessToken)).toBeDefined();
  });

  test("a foreign session older than the subject's revocation is refused by its iat and leeway", async () => {
    const core = await openTestCore();
    await revoked(core, { by: "subject", iss: FOREIGN, sub: "bob" });
    const issuedAt = START / 1_000;
    core.advance(11);
    expect(await refusal(exchanged(core, foreignJwt(core, { iat: issuedAt + 10 })))).toBe("invalid_grant");
    expect(await exchanged(core, foreignJwt(core, { iat: issuedAt + 11 }))).toBeDefined();
  });
});

/** A token says whence it was issued, to nobody but Assay: an instance that has never seen it knows when it is used from elsewhere. */
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import type { TestClient } from "../support/client.ts";
import { issuer, service, startAuthority, startVerifier } from "../support/deployment.ts";
import { failureOf } from "../support/failure-of.ts";
import type { ContextInput } from "../support/introspected.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, ORDERS, startServer } from "../support/server.ts";
import { AWAY, HOME, MOVED } from "./away.ts";
import { twoInstances } from "./bound-client.ts";
import { type Forger, startForger } from "./forger.ts";

type Format = "jwt" | "opaque";

const FORMATS: readonly Format[] = ["jwt", "opaque"];

/** The client of the test issues in one format. */
function clientsOf(format: Format): NonNullable<ConfigInput["clients"]> {
  const web = { client_id: "web", scopes: ["read"], audiences: [API, ORDERS], formats: [format] };
  return [{ ...web, grants: ["mint", "refresh", "exchange"] }];
}

/** By each grant a token that is issued at home, of one that is not. */
async function issuedAtHome(client: TestClient): Promise<ReadonlyMap<string, string>> {
  const mint = { client_id: "web", subject: "alice", audience: [API], refresh: true };
  const minted = await client.issue({ mint: { ...mint, context: HOME } });
  const { access_token: token, refresh_token: next } = await client.issue({ mint: { ...mint, context: AWAY } });
  const refresh = { client_id: "web", refresh_token: next ?? "", context: HOME };
  const exchange = {
    client_id: "web",
    subject_token: token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    audience: [API],
    context: HOME,
  };
  return new Map([
    ["mint", minted.access_token],
    ["refresh", (await client.issue({ refresh })).access_token],
    ["exchange", (await client.issue({ exchange })).access_token],
  ]);
}

async function signalsOf(client: TestClient, token: string, context: ContextInput) {
  const { active, signals = [] } = await client.introspect({ token, context, with_signals: true });
  expect(active).toBe(true);
  return signals;
}

/** What one tells of tokens that another issued at home, by grant. */
async function toldByGrant(asked: TestClient, issuing: TestClient, context: ContextInput) {
  const told: Record<string, unknown> = {};
  for (const [grant, token] of await issuedAtHome(issuing)) told[grant] = await signalsOf(asked, token, context);
  return told;
}

const ALL_MOVED = { mint: [MOVED], refresh: [MOVED], exchange: [MOVED] };
const NONE_MOVED = { mint: [], refresh: [], exchange: [] };

describe("an instance that sees a token for the first time knows that it comes from elsewhere than at its issue", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.remove());

  test.each(FORMATS)("another one on the same Redis, of a token that is %s", async (format) => {
    const [one, other] = await twoInstances(redis, { clients: clientsOf(format) });
    expect(await toldByGrant(other.client(), one.client(), AWAY)).toMatchObject(ALL_MOVED);
    expect(await toldByGrant(other.client(), one.client(), HOME)).toEqual(NONE_MOVED);
  });

  test.each(FORMATS)("a verifier, of a token that is %s", async (format) => {
    const authority = await startAuthority({ clients: clientsOf(format) });
    const verifier = await startVerifier([authority.address]);
    const [asked, issuing] = [verifier.client(service), authority.client(issuer)];
    expect(await toldByGrant(asked, issuing, AWAY)).toMatchObject(ALL_MOVED);
    expect(await toldByGrant(asked, issuing, HOME)).toEqual(NONE_MOVED);
  });
});

test("a request that is alike in one of the two is told as info, and one that says nothing is not judged", async () => {
  const client = (await startServer()).client();
  const mint = { client_id: "web", subject: "alice", audience: [API], context: HOME };
  const { access_token: token } = await client.issue({ mint });
  expect(await signalsOf(client, token, {})).toEqual([]);
  const { client_ip: address = "", user_agent: agent = "" } = AWAY;
  const info = { ...MOVED, severity: "SIGNAL_SEVERITY_INFO" };
  expect(await signalsOf(client, token, { ...HOME, client_ip: address })).toMatchObject([
    { ...info, detail: "network" },
  ]);
  expect(await signalsOf(client, token, { ...HOME, user_agent: agent })).toMatchObject([
    { ...info, detail: "user_agent" },
  ]);
});

test.each(FORMATS)("no answer says whence a token that is %s was issued", async (format) => {
  const server = await startServer({ clients: clientsOf(format) });
  const client = server.client();
  const claims = { tenant: "a" };
  const mint = { client_id: "web", subject: "alice", audience: [API], claims, context: HOME };
  const { access_token: token } = await client.issue({ mint });
  const answers = [HOME, AWAY, {}].map((context) => client.introspect({ token, context, with_signals: true }));
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatchObject({ active: true, claims });
    expect(Object.keys(answer.claims ?? {})).toEqual(["tenant"]);
    for (const said of ["assay_from", HOME.client_ip, AWAY.client_ip, "192.0.2.", "Mozilla"])
      expect(JSON.stringify(answer)).not.toContain(said);
  }
  for (const address of ["192.0.2.", "198.51.100.", "Mozilla"]) expect(server.log()).not.toContain(address);
});

test("a JWT says it in digests that differ from token to token", async () => {
  const client = (await startServer()).client();
  const mint = { client_id: "web", subject: "alice", audience: [API], context: HOME };
  const said = async (): Promise<unknown> => decodeJwt((await client.issue({ mint })).access_token)["assay_from"];
  const [one, other] = [await said(), await said()];
  expect([one, other]).toEqual([expect.stringMatching(/^[\w-]{16}$/), expect.stringMatching(/^[\w-]{16}$/)]);
  expect(one).not.toBe(other);
  const { access_token: without } = await client.issue({ mint: { ...mint, context: {} } });
  expect(decodeJwt(without)).not.toHaveProperty("assay_from");
});

test("nobody who asks for a token chooses what it says of that", async () => {
  const client = (await startServer()).client();
  const mint = { client_id: "web", subject: "alice", audience: [API], claims: { assay_from: "AAAAAAAAAAAAAAAA" } };
  const failure = await failureOf(client.issue({ mint }));
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields)).toEqual(["mint.claims"]);
});

describe("another issuer's token", () => {
  let forger: Forger;
  beforeAll(async () => {
    forger = await startForger();
  });
  afterAll(() => forger.stop());

  test.each([
    ["of the right form", "AQIDBAUGBwgJCgsM"],
    ["that is too short", "AQID"],
  ])("that says whence it was issued, in a word %s, is not believed", async (_what, from) => {
    const token = forger.token({}, { assay_from: from });
    for (const context of [HOME, HOME]) {
      const answer = await forger.answer(token, { context, with_signals: true });
      expect(answer).toMatchObject({ active: true });
      expect(answer.signals).toBeUndefined();
    }
    expect((await forger.answer(token, { context: AWAY, with_signals: true })).signals).toMatchObject([MOVED]);
  });
});

test.each(FORMATS)(
  "a refresh that is sent again from elsewhere gets the very same tokens (%s), and is told",
  async (format) => {
    const client = (await startServer({ clients: clientsOf(format) })).client();
    const watch = client.watchSignals();
    await watch.begun();
    const mint = { client_id: "web", subject: "alice", audience: [API], refresh: true, context: HOME };
    const { refresh_token: token = "" } = await client.issue({ mint });
    const refresh = { client_id: "web", refresh_token: token };
    const first = await client.issue({ refresh: { ...refresh, context: HOME } });
    const again = await client.issue({ refresh: { ...refresh, context: AWAY } });
    expect([again.access_token, again.refresh_token]).toEqual([first.access_token, first.refresh_token]);
    await watch.tells({ kind: "refresh_retry_context_changed", severity: "SIGNAL_SEVERITY_INFO" });
    expect(await signalsOf(client, first.access_token, HOME)).toEqual([]);
    expect(await signalsOf(client, first.access_token, AWAY)).toMatchObject([MOVED]);
  },
);

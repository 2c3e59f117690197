/** A verifier answers as its authority does. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestClient } from "../support/client.ts";
import { issuer, service, startAuthority, startVerifier, verifierCaller } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, ORDERS, type TestServer } from "../support/server.ts";

const ends: (() => Promise<unknown>)[] = [];
const atEnd = (end: () => Promise<unknown>): void => void ends.unshift(end);

let authority: TestServer;
let verifier: TestServer;
let issuing: TestClient;
let there: TestClient;
let here: TestClient;
beforeAll(async () => {
  authority = await startAuthority({}, atEnd);
  verifier = await startVerifier([authority.address], {}, atEnd);
  issuing = authority.client(issuer);
  there = authority.client(service);
  here = verifier.client(service);
});
afterAll(async () => {
  for (const end of ends) await end();
});

const mint = { client_id: "web", subject: "alice", audience: [API], scope: "read" };

/** How often the authority has answered an RPC, by its log. */
function answered(method: string): number {
  return authority.log().split(`"method":"${method}"`).length - 1;
}

describe("a verifier answers as its authority does", () => {
  test("about a JWT, an opaque token and a refresh token", async () => {
    const jwt = await issuing.issue({ mint });
    const opaque = await issuing.issue({ mint: { ...mint, format: "OPAQUE", refresh: true, claims: { plan: "b" } } });
    for (const token of [jwt.access_token, opaque.access_token]) {
      const { revision: _, ...expected } = await there.introspect({ token });
      expect(expected).toMatchObject({ active: true, sub: "alice" });
      expect(await here.introspect({ token })).toMatchObject(expected);
    }
    const token = opaque.refresh_token ?? "";
    const expected = await issuing.introspect({ token });
    expect(expected).toMatchObject({ active: true, token_type: "refresh_token" });
    expect(await verifier.client(issuer).introspect({ token })).toEqual(expected);
  });

  test("about tokens that are malformed, unknown, superseded, or meant for others", async () => {
    const { refresh_token: old = "" } = await issuing.issue({ mint: { ...mint, refresh: true } });
    await issuing.issue({ refresh: { client_id: "web", refresh_token: old } });
    const { access_token: foreign } = await issuing.issue({ mint: { ...mint, format: "OPAQUE", audience: [ORDERS] } });
    for (const token of ["a.b.c", "asy_at_x", "asy_rt_x", foreign])
      expect(await here.introspect({ token })).toEqual(await there.introspect({ token }));
    expect(await verifier.client(issuer).introspect({ token: old })).toEqual({
      inactive_reason: "INACTIVE_REASON_SUPERSEDED",
    });
  });
});

test("an opaque token is asked for once, and remembered", async () => {
  const { access_token: token } = await issuing.issue({ mint: { ...mint, format: "OPAQUE" } });
  const before = answered("Recognise");
  for (let time = 0; time < 5; time++) expect(await here.introspect({ token })).toMatchObject({ active: true });
  expect(answered("Recognise")).toBe(before + 1);
});

test("how long our own tokens may live is for the authority to say", async () => {
  const lenient = await startAuthority({ tokens: { access_max_lifetime: "3h", access_lifetime: "2h" } });
  const following = await startVerifier([lenient.address]);
  for (const format of ["JWT", "OPAQUE"] as const) {
    const { access_token: token } = await lenient.client(issuer).issue({ mint: { ...mint, format } });
    expect(await following.client(service).introspect({ token })).toMatchObject({ active: true });
  }
});

test("what the authority says of that counts from the next message of an open stream on", async () => {
  const callers = [service, issuer, verifierCaller].map(({ entry }) => entry);
  const lenient = await startAuthority({ tokens: { access_max_lifetime: "3h", access_lifetime: "2h" } });
  const following = await startVerifier([lenient.address]);
  const { access_token: token } = await lenient.client(issuer).issue({ mint });
  const client = following.client(service);
  const stream = client.introspectStream();
  expect(await stream.ask(1, { token })).toMatchObject({ active: true });
  await lenient.reload({ development: false, callers, tokens: { access_max_lifetime: "1h", access_lifetime: "15m" } });
  const refused = await eventually("the verifier knows", async () => {
    const answer = await client.introspect({ token });
    return answer.active === true ? undefined : answer;
  });
  expect(await stream.ask(2, { token })).toEqual(refused);
});

test("changed callers are taken over, changed authorities wait for a restart", async () => {
  const following = await startVerifier([authority.address]);
  const { access_token: token } = await issuing.issue({ mint });
  expect(await following.client(service).introspect({ token })).toMatchObject({ active: true });
  await following.reload({ callers: [issuer.entry], upstream: { authorities: ["127.0.0.1:1"] } });
  expect(await failureOf(following.client(service).introspect({ token }))).toMatchObject({ reason: "CALLER_UNKNOWN" });
  expect(await following.client(issuer).introspect({ token })).toMatchObject({ active: true });
  expect(following.log()).toMatch(/"settings":\["upstream"\]/);
});

describe("what the authority has revoked", () => {
  test("is inactive at the verifier at once when asked with the revision", async () => {
    for (let time = 0; time < 10; time++) {
      const { access_token: token, sid } = await issuing.issue({ mint });
      expect(await here.introspect({ token })).toMatchObject({ active: true });
      const { revision = "" } = await issuing.revoke({ sid });
      expect(await here.introspect({ token, at_least_as_fresh: revision })).toEqual({
        inactive_reason: "INACTIVE_REASON_REVOKED",
      });
    }
  });

  test("is inactive there soon when asked without", async () => {
    const { access_token: token } = await issuing.issue({ mint: { ...mint, format: "OPAQUE" } });
    expect(await here.introspect({ token })).toMatchObject({ active: true });
    await issuing.revoke({ token });
    await eventually("the verifier knows", async () =>
      (await here.introspect({ token })).active === true ? undefined : true,
    );
  });
});

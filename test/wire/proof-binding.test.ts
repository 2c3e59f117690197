/** What a refresh and an exchange bind their tokens to, over the wire. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IssuedTokens, TestClient } from "../support/client.ts";
import { type DpopKey, hashOf, makeDpopKey } from "../support/dpop.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, ORDERS, startServer } from "../support/server.ts";
import { atApi, atTokenEndpoint, mintBound, twoInstances } from "./bound-client.ts";

const CERTIFICATE = hashOf("a certificate");
const PUBLIC = { clients: [{ client_id: "web", public: true, audiences: [API], scopes: ["read"] }] };
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

let redis: RedisServer;
let own: DpopKey;
let thiefs: DpopKey;
beforeAll(async () => {
  [redis, own, thiefs] = await Promise.all([startRedisServer(), makeDpopKey(), makeDpopKey()]);
});
afterAll(() => redis.remove());

function refresh(client: TestClient, token = "", more: object = {}): Promise<IssuedTokens> {
  return client.issue({ refresh: { refresh_token: token, client_id: "web", ...more } });
}

/** By the client `orders`, to which the API's tokens are meant. */
function exchange(client: TestClient, token: string, more: object = {}): Promise<IssuedTokens> {
  const honest = { client_id: "orders", subject_token: token, subject_token_type: ACCESS_TOKEN, audience: [ORDERS] };
  return client.issue({ exchange: { ...honest, ...more } });
}

describe("a refresh", () => {
  test("of a public client's bound token asks for the same key", async () => {
    const client = (await startServer(PUBLIC)).client();
    const { refresh_token: token } = await mintBound(client, own, { refresh: true });
    for (const bad of [{}, await atTokenEndpoint(thiefs), { proof: { client_certificate_sha256: CERTIFICATE } }]) {
      const refused = refresh(client, token, bad);
      await expect(refused).rejects.toMatchObject({ code: "FAILED_PRECONDITION", reason: "INVALID_PROOF" });
    }
    const { access_token: next } = await refresh(client, token, await atTokenEndpoint(own));
    const answer = await client.introspect({ token: next, ...(await atApi(next, own)) });
    expect(answer).toMatchObject({ active: true, cnf: { jkt: own.jkt } });
  });

  test("of a confidential client's takes a new key", async () => {
    const client = (await startServer()).client();
    const { refresh_token: token } = await mintBound(client, own, { refresh: true });
    const newKey = await makeDpopKey("Ed25519");
    const { access_token: next } = await refresh(client, token, await atTokenEndpoint(newKey));
    const answer = await client.introspect({ token: next, ...(await atApi(next, newKey)) });
    expect(answer).toMatchObject({ active: true, cnf: { jkt: newKey.jkt } });
  });

  test("whose proof was used at another instance is refused, and the token unharmed", async () => {
    const instances = await twoInstances(redis);
    const [first, second] = [instances[0].client(), instances[1].client()];
    const [one, two] = [await mintBound(first, own, { refresh: true }), await mintBound(first, own, { refresh: true })];
    const used = await atTokenEndpoint(own);
    await refresh(first, one.refresh_token, used);
    const replayed = refresh(second, two.refresh_token, used);
    await expect(replayed).rejects.toMatchObject({ reason: "INVALID_PROOF" });
    const next = await refresh(second, two.refresh_token, await atTokenEndpoint(own));
    expect(next).toMatchObject({ token_type: "DPoP" });
  });
});

describe("an exchange", () => {
  test("of a bound token yields one bound to the key of who exchanges it, and none without", async () => {
    const client = (await startServer()).client();
    const service = await makeDpopKey();
    const { access_token: token } = await mintBound(client, own, { scope: "read" });
    await expect(exchange(client, token)).rejects.toMatchObject({ reason: "INVALID_PROOF" });
    const { access_token: traded } = await exchange(client, token, await atTokenEndpoint(service));
    const answer = await client.introspect({ token: traded, ...(await atApi(traded, service)) });
    expect(answer).toMatchObject({ active: true, cnf: { jkt: service.jkt }, client_id: "orders" });
  });
});

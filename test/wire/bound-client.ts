/** What a client of a bound token sends, as its receiver passes it on, and the servers that are asked. */
import type { IssuedTokens, TestClient } from "../support/client.ts";
import { type DpopKey, dpopProof, hashOf } from "../support/dpop.ts";
import type { Introspected } from "../support/introspected.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { API, startServer, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type HttpRequest = { http_method: string; http_uri: string };

export type Bound = { context: HttpRequest; proof: { dpop: string } };

export const AT_API: HttpRequest = { http_method: "GET", http_uri: "https://api.example/orders/1" };
const AT_TOKEN_ENDPOINT: HttpRequest = { http_method: "POST", http_uri: "https://auth.example/token" };

/** Beside an access token, at the API; `claims` replace what an honest proof says. */
export function atApi(token: string, key: DpopKey, claims: object = {}): Promise<Bound> {
  return presented(AT_API, key, { ath: hashOf(token), ...claims });
}

/** Beside a refresh or an exchange. */
export function atTokenEndpoint(key: DpopKey, claims: object = {}): Promise<Bound> {
  return presented(AT_TOKEN_ENDPOINT, key, claims);
}

/** Alice's tokens for the client `web`, bound to a key. */
export function mintBound(client: TestClient, { jkt }: { jkt: string }, more: object = {}): Promise<IssuedTokens> {
  return client.issue({ mint: { client_id: "web", subject: "alice", audience: [API], cnf: { jkt }, ...more } });
}

/** Two instances with one Redis and the same key files. */
export async function twoInstances(redis: RedisServer, overrides: object = {}): Promise<[TestServer, TestServer]> {
  await redis.admin.flushall();
  const shared = { ...overrides, store: redis.url, keys: { dir: await temporaryDirectory() } };
  return [await startServer(shared), await startServer(shared)];
}

/** `ACTIVE`, or why not. */
export function reasonOf({ active, inactive_reason: reason }: Introspected): string | undefined {
  return active === true ? "ACTIVE" : reason?.replace("INACTIVE_REASON_", "");
}

async function presented(request: HttpRequest, key: DpopKey, claims: object): Promise<Bound> {
  const { http_method: htm, http_uri: htu } = request;
  return { context: request, proof: { dpop: await dpopProof(key, { htm, htu, ...claims }) } };
}

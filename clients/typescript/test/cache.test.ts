/** What is answered from the cache, and above all what is not. A kept answer is known by being the same object. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { testCaller } from "../../../test/support/server.ts";
import { startTcpProxy, type TcpProxy } from "../../../test/support/tcp-proxy.ts";
import type { AssayClient, CacheOptions, Introspection } from "../src/index.ts";
import { failureOf } from "./support/failure-of.ts";
import { API, type Served, serveAssay } from "./support/served.ts";

let assay: Served;
beforeAll(async () => {
  assay = await serveAssay({}, afterAll);
});

/** A client whose cache is open. */
async function cachingClient(cache: CacheOptions = {}, proxy?: TcpProxy): Promise<AssayClient> {
  const address = proxy === undefined ? assay.address : `127.0.0.1:${proxy.port}`;
  // The machine may be busy: only where that is the test, an old proof closes the cache.
  const client = assay.client({ address, cache: { maxStalenessMs: 20_000, ...cache } });
  await open(client);
  return client;
}

function open(client: AssayClient): Promise<true> {
  return eventually("the cache is open", () => (client.cacheProblem() === undefined ? true : undefined));
}

function closed(client: AssayClient): Promise<string> {
  return eventually("the cache is closed", () => client.cacheProblem());
}

async function throughProxy(): Promise<TcpProxy> {
  const proxy = await startTcpProxy(Number(assay.address.split(":")[1]));
  onTestFinished(() => proxy.close());
  return proxy;
}

function inactive(client: AssayClient, token: string): Promise<Introspection> {
  return eventually("the token is refused", async () => {
    const answer = await client.introspect(token);
    return answer.active ? undefined : answer;
  });
}

test("an active answer is kept, and nobody can change it", async () => {
  const [client, token] = [await cachingClient(), await assay.token({ claims: { plan: { name: "pro" } } })];
  const first = await client.introspect(token);
  expect(await client.introspect(token)).toBe(first);
  expect(first.active && [first, first.aud, first.claims, first.claims["plan"]].every(Object.isFrozen)).toBe(true);
});

test.each([
  ["the token", (token: string) => assay.issuer.revoke({ token })],
  ["its subject", () => assay.issuer.revoke({ subject: { sub: "alice" } })],
  ["its client", () => assay.admin.revoke({ client_id: "web" })],
])("a kept answer is used no more when %s is revoked", async (_what, revoke) => {
  const [client, token] = [await cachingClient(), await assay.token()];
  expect(await client.introspect(token)).toBe(await client.introspect(token));
  await revoke(token);
  await inactive(client, token);
  expect(client.cacheProblem()).toBeUndefined();
  expect(await client.introspect(token)).toMatchObject({ active: false });
});

test("a revocation of another leaves a kept answer alone", async () => {
  const [client, kept, other] = [await cachingClient(), await assay.token(), await assay.token({ subject: "bob" })];
  const first = await client.introspect(kept);
  await client.introspect(other);
  await assay.issuer.revoke({ subject: { sub: "bob" } });
  await inactive(client, other);
  expect(await client.introspect(kept)).toBe(first);
});

test("an answer is kept for what was asked, and for no more", async () => {
  const [client, token] = [await cachingClient(), await assay.token()];
  const first = await client.introspect(token, { audience: [API] });
  expect(await client.introspect(token, { audience: [API] })).toBe(first);
  expect(await client.introspect(token, { requiredScopes: ["write"] })).toMatchObject({ active: false });
  expect(await client.introspect(token)).not.toBe(first);
});

test("a call that must know of a revision asks the service", async () => {
  const [client, token] = [await cachingClient(), await assay.token()];
  await client.introspect(token);
  const { revision } = await assay.issuer.revoke({ token });
  expect(await client.introspect(token, { atLeastAsFresh: revision })).toMatchObject({ active: false });
});

test("an answer is kept no longer than its token lives", async () => {
  const [client, token] = [await cachingClient(), await assay.token({ lifetime: { seconds: 2 } })];
  const first = await client.introspect(token);
  if (!first.active || first.exp === undefined) throw new Error("it is not active");
  const end = first.exp * 1_000;
  await eventually("the token has expired", () => (Date.now() >= end ? true : undefined));
  expect(await client.introspect(token)).not.toBe(first);
});

test("the answer that was not used for longest goes when there is no room", async () => {
  const client = await cachingClient({ maxEntries: 2 });
  const [one = "", two = "", three = ""] = await Promise.all(
    ["a", "b", "c"].map((subject) => assay.token({ subject })),
  );
  const [first, second] = [await client.introspect(one), await client.introspect(two)];
  expect(await client.introspect(one)).toBe(first);
  await client.introspect(three);
  expect(await client.introspect(one)).toBe(first);
  expect(await client.introspect(two)).not.toBe(second);
});

test("without news of the revocations nothing is answered from the cache, and with them it is again", async () => {
  const proxy = await throughProxy();
  const [client, token] = [await cachingClient({ maxStalenessMs: 500 }, proxy), await assay.token()];
  const first = await client.introspect(token);
  proxy.hold("to-client");
  await closed(client);
  expect(await failureOf(client.introspect(token, { deadlineMs: 100 }))).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  proxy.resume();
  await open(client);
  expect(await client.introspect(token)).toEqual(first);
});

test("what was revoked while the connection was away is refused when it is back", async () => {
  const proxy = await throughProxy();
  const [client, token] = [await cachingClient({ maxStalenessMs: 500 }, proxy), await assay.token()];
  await client.introspect(token);
  proxy.hold();
  await assay.issuer.revoke({ token });
  await closed(client);
  proxy.cut();
  proxy.resume();
  await open(client);
  expect(await client.introspect(token)).toMatchObject({ active: false });
});

test("a caller that may not follow the revocations is told so", async () => {
  const plain = testCaller({ name: "plain", permissions: ["introspect"], audiences: [API] });
  const other = await serveAssay({ callers: [plain.entry] });
  const client = other.client({ credentials: { secret: plain.secret }, cache: {} });
  expect(await failureOf(client.introspect("x"))).toMatchObject({
    code: "PERMISSION_DENIED",
    metadata: { permission: "watch" },
  });
  expect(await eventually("it says why", () => /watch/.exec(client.cacheProblem() ?? "")?.[0])).toBe("watch");
});

test("where the service lets nothing be kept, nothing is", async () => {
  const strict = testCaller({ name: "strict", permissions: ["introspect", "watch"], audiences: [API] });
  const other = await serveAssay({ callers: [strict.entry] });
  const client = other.client({ credentials: { secret: strict.secret }, cache: {} });
  await open(client);
  const token = await other.token();
  expect(await client.introspect(token)).not.toBe(await client.introspect(token));
});

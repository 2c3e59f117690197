import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { Metadata } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { slowIssuer } from "../support/slow-issuer.ts";

const api = testCaller({ name: "api", permissions: ["introspect"], audiences: [API] });
const busy = testCaller({
  name: "busy",
  permissions: ["introspect"],
  audiences: [API],
  calls_per_second: 100,
  burst: 50,
});

/** In bytes: a token of many claims, with a proof. */
const A_LONG_REQUEST = 8_192;

function limited(limits: NonNullable<ConfigInput["limits"]>, more: Partial<ConfigInput> = {}): Promise<TestServer> {
  return startServer({ development: false, callers: [api.entry, busy.entry], limits, ...more });
}

test("a caller that calls too often is told when to come again, and others are not held up", async () => {
  const server = await limited({ calls_per_second: 0.1, burst: 2 });
  const client = server.client({ secret: api.secret });
  for (let call = 0; call < 2; call++) expect(await client.introspect({ token: "x" })).toEqual({});
  const refused = await failureOf(client.introspect({ token: "x" }));
  expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
  expect(refused.retryAfter).toBeGreaterThan(5);
  expect(refused.retryAfter).toBeLessThanOrEqual(10);
  const other = server.client({ secret: busy.secret });
  for (let call = 0; call < 20; call++) expect(await other.introspect({ token: "x" })).toEqual({});
});

test("more calls at once than the instance works on are answered RESOURCE_EXHAUSTED, the others are finished", async () => {
  const { token, issuer, asked, answerKeys } = await slowIssuer();
  const server = await limited({ calls_in_flight: 1 }, { issuers: [issuer] });
  const client = server.client({ secret: api.secret });
  const answer = client.introspect({ token });
  await asked;
  const refused = await failureOf(client.introspect({ token: "x" }));
  expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED", retryAfter: 0.1 });
  answerKeys();
  expect(await answer).toMatchObject({ active: true });
  expect(await client.introspect({ token: "x" })).toEqual({});
});

test("metadata beyond its size is refused before anything is read of it", async () => {
  const server = await limited({ header_bytes: 2_048 });
  const client = server.client({ secret: api.secret });
  const metadata = new Metadata();
  metadata.set("x-padding", "x".repeat(3_000));
  await expect(client.introspect({ token: "x" }, { metadata })).rejects.toBeDefined();
  expect(await client.introspect({ token: "x" })).toEqual({});
});

test("the calls at once on one connection are limited, as the connection says when it begins", async () => {
  const server = await limited({ concurrent_streams: 3 });
  const session = connectHttp2(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const [settings] = await once(session, "remoteSettings");
  expect(settings).toMatchObject({ maxConcurrentStreams: 3, maxHeaderListSize: 16_384 });
});

test("a client may send whole requests on all of its streams before the first of them was read", async () => {
  const server = await limited({});
  const session = connectHttp2(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const [{ maxConcurrentStreams }] = await once(session, "remoteSettings");
  const stream = session.request({ ":method": "POST", ":path": "/any", "content-type": "application/grpc" });
  await once(stream.resume().end(), "close");
  expect(session.state.remoteWindowSize).toBeGreaterThan(Number(maxConcurrentStreams) * A_LONG_REQUEST);
});

test("a connection too many is closed at once, and those that are open go on", async () => {
  const server = await limited({ connections: 1 });
  const client = server.client({ secret: api.secret });
  expect(await client.introspect({ token: "x" })).toEqual({});
  const [host, port] = server.address.split(":");
  const another = connect({ host: host ?? "", port: Number(port) }).on("error", () => undefined);
  await once(another.resume(), "close");
  expect(await client.introspect({ token: "x" })).toEqual({});
});

test("a connection that is old is asked to go: the call in flight is finished, and the next comes on another", async () => {
  const { token, issuer, asked, answerKeys } = await slowIssuer();
  const server = await limited({ connection_age: "300ms", connection_age_grace: "10s" }, { issuers: [issuer] });
  const session = connectHttp2(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const goaway = once(session, "goaway");
  const client = server.client({ secret: api.secret });
  const answer = client.introspect({ token });
  await asked;
  await goaway;
  answerKeys();
  expect(await answer).toMatchObject({ active: true });
  // A call that crosses with the goodbye is UNAVAILABLE, and to be retried: the next finds another connection.
  await eventually("a call on another connection", () => client.introspect({ token: "x" }).catch(() => undefined));
});

test.each<[string, number[]]>([
  ["a field 0", [0x00, 0x01]],
  ["the end of a group that never began", [0x0c]],
  ["a length beyond its end", [0x0a, 0x7f]],
])(
  "a request with %s after its fields is INVALID_ARGUMENT: others would read on where we had stopped",
  async (_what, tail) => {
    const server = await limited({});
    const client = server.client({ secret: api.secret });
    const request = Buffer.concat([client.encode("Introspect", { token: "x" }), Buffer.from(tail)]);
    await expect(client.raw("Introspect", request)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_REQUEST",
    });
  },
);

import { Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import { CallError } from "../support/call-error.ts";
import type { TestClient } from "../support/client.ts";
import { makeDpopKey } from "../support/dpop.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import type { IntrospectInput } from "../support/introspected.ts";
import type { ItemInput, TestItemStream } from "../support/item-stream.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { slowIssuer } from "../support/slow-issuer.ts";
import { atApi, mintBound, reasonOf } from "./bound-client.ts";
import { unreachableIssuer, unverifiableToken } from "./unreachable-issuer.ts";

const api = testCaller({ name: "api", permissions: ["introspect"], audiences: [API] });

async function issued(client: TestClient, subject = "alice"): Promise<string> {
  return (await client.issue({ mint: { client_id: "web", subject, audience: [API] } })).access_token;
}

function itemsAbout(request: IntrospectInput, count: number, first = 1): ItemInput[] {
  return Array.from({ length: count }, (_, place) => ({ id: first + place, request }));
}

function errorOf(stream: TestItemStream, id: number): CallError {
  const answer = stream.answers.get(id);
  if (answer instanceof CallError) return answer;
  throw new Error(`item ${id} did not fail`);
}

/** A stream with one item in flight, `bob`'s, whose token's keys are held back; `alice`'s token is known. */
async function withItemInFlight(overrides: Partial<ConfigInput> = {}) {
  const { token: slow, issuer, asked, answerKeys } = await slowIssuer();
  const settings = { issuers: [issuer], ...overrides };
  const server = await startServer(settings);
  const client = server.client();
  const known = await issued(client);
  await client.introspect({ token: known });
  const stream = client.introspectStream();
  stream.send({ id: 1, request: { token: slow } });
  await asked;
  return { server, settings, client, stream, slow, known, answerKeys };
}

test("items are answered as they are done, and a stream that its caller ends ends well when all are", async () => {
  const { stream, known, answerKeys } = await withItemInFlight();
  expect(await stream.ask(2, { token: known })).toMatchObject({ active: true, sub: "alice" });
  expect(stream.answers.has(1)).toBe(false);
  stream.half();
  answerKeys();
  expect(await stream.ended).toBe("OK");
  expect(stream.answers.get(1)).toMatchObject({ active: true, sub: "bob" });
});

test("a stream without items ends well", async () => {
  const stream = (await startServer()).client().introspectStream();
  stream.half();
  expect(await stream.ended).toBe("OK");
  expect(stream.messages).toEqual([]);
});

test("what fails for one item is its status, as it would have failed by itself, and the stream goes on", async () => {
  const server = await startServer({ callers: [api.entry], issuers: [unreachableIssuer] });
  const client = server.client({ secret: api.secret });
  const token = await issued(server.client());
  const bad: (IntrospectInput | undefined)[] = [
    { token: "" },
    { token: unverifiableToken() },
    { token, audience: ["https://elsewhere.example"] },
  ];
  const stream = client.introspectStream();
  stream.send(...bad.map((request = {}, id) => ({ id, request })), { id: 9 });
  await stream.hasAnswered(4);
  for (const [id, request = {}] of bad.entries()) {
    const { code, reason, details, fields, info, retryAfter } = await failureOf(client.introspect(request));
    expect(errorOf(stream, id)).toMatchObject({ code, reason, details, fields, info, retryAfter });
  }
  expect(errorOf(stream, 9)).toMatchObject({ code: "INVALID_ARGUMENT", fields: { request: "is required" } });
  expect(await stream.ask(10, { token })).toMatchObject({ active: true });
});

test("a revocation counts from the next item on", async () => {
  const client = (await startServer()).client();
  const token = await issued(client);
  const stream = client.introspectStream();
  expect(reasonOf(await stream.ask(1, { token }))).toBe("ACTIVE");
  await client.revoke({ token });
  expect(reasonOf(await stream.ask(1, { token }))).toBe("REVOKED");
});

test("what is done at once is answered at once: 256 items of one message in one", async () => {
  const client = (await startServer()).client();
  const token = await issued(client);
  await client.introspect({ token });
  const stream = client.introspectStream();
  stream.send(...itemsAbout({ token }, 256));
  await stream.hasAnswered(256);
  expect(stream.messages).toEqual([256]);
  expect(stream.answers.size).toBe(256);
});

test("an id that is in flight ends the stream, and one that is answered may be used again", async () => {
  const { stream, known, slow } = await withItemInFlight();
  for (const _ of ["once", "again"]) await stream.ask(2, { token: known });
  stream.send({ id: 3, request: { token: known } }, { id: 1, request: { token: slow } });
  const failure = await failureOf(stream.ended);
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields)).toEqual(["items[1].id"]);
  expect(stream.answers.get(3)).toMatchObject({ active: true });
});

test("two items of one message with one id are in flight together, however fast they are answered", async () => {
  const stream = (await startServer()).client().introspectStream();
  stream.send(...itemsAbout({ token: "x" }, 1), ...itemsAbout({ token: "x" }, 1));
  expect(Object.keys((await failureOf(stream.ended)).fields)).toEqual(["items[1].id"]);
});

test("the greatest id that a number holds is answered by it, and a greater one refused", async () => {
  const stream = (await startServer()).client().introspectStream();
  expect(await stream.ask(Number.MAX_SAFE_INTEGER, { token: "x" })).toBeDefined();
  // An item of `id` 2^53.
  stream.sendBytes(Buffer.from("0a09088080808080808010", "hex"));
  const failure = await failureOf(stream.ended);
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(failure.details).toContain("2^53");
});

test.each<[string, Buffer, string]>([
  ["without items", Buffer.alloc(0), "items"],
  ["with 257 items", Buffer.from("0a00".repeat(257), "hex"), "items"],
  ["that cannot be decoded", Buffer.from([0xff]), "request"],
  ["with more fields than are ever looked at", Buffer.from("0a00".repeat(100_000), "hex"), "request"],
])("a message %s ends the stream", async (_what, message, field) => {
  const stream = (await startServer()).client().introspectStream();
  await stream.ask(1, { token: "x" });
  stream.sendBytes(message);
  const failure = await failureOf(stream.ended);
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields)).toEqual([field]);
});

test("each item counts as a call: those beyond the rate are told when to come again", async () => {
  const limits = { calls_per_second: 0.1, burst: 3 };
  const server = await startServer({ development: false, callers: [api.entry], limits });
  const stream = server.client({ secret: api.secret }).introspectStream();
  stream.send(...itemsAbout({ token: "x" }, 5));
  await stream.hasAnswered(5);
  for (const id of [1, 2, 3]) expect(stream.answers.get(id)).toEqual({});
  for (const id of [4, 5])
    expect(errorOf(stream, id)).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
  expect(errorOf(stream, 5).retryAfter).toBeGreaterThan(5);
});

test("an item counts among the calls that the instance works on, while it is waited for", async () => {
  const { client, stream, slow, known, answerKeys } = await withItemInFlight({ limits: { calls_in_flight: 1 } });
  const tooMany = { code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED", retryAfter: 0.1 };
  expect(await failureOf(client.introspect({ token: slow }))).toMatchObject(tooMany);
  expect(await failureOf(stream.ask(2, { token: slow }))).toMatchObject(tooMany);
  answerKeys();
  await stream.hasAnswered(2);
  expect(stream.answers.get(1)).toMatchObject({ sub: "bob" });
  expect(await stream.ask(3, { token: known })).toMatchObject({ sub: "alice" });
});

test("streams of items have their places among the streams, and free them", async () => {
  const server = await startServer({ limits: { streams: 2 } });
  const client = server.client();
  const stream = client.introspectStream();
  await stream.ask(1, { token: "x" });
  const watch = client.watch();
  await watch.proved();
  const refused = await failureOf(client.introspectStream().ended);
  expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
  stream.half();
  await stream.ended;
  await eventually("a place is free again", () =>
    client
      .introspectStream()
      .ask(1, { token: "x" })
      .catch(() => undefined),
  );
});

test("a proof is good once on a stream, whatever the stream's request id", async () => {
  const client = (await startServer()).client();
  const key = await makeDpopKey();
  const { access_token: token } = await mintBound(client, key);
  const request = { token, ...(await atApi(token, key)) };
  const metadata = new Metadata();
  metadata.set("x-request-id", "the-same");
  const stream = client.introspectStream({ metadata });
  expect(reasonOf(await stream.ask(1, request))).toBe("ACTIVE");
  expect(reasonOf(await stream.ask(1, request))).toBe("PROOF_REPLAYED");
});

test("a stream is one line in the log, at its end, which counts how its items ended", async () => {
  const server = await startServer();
  const client = server.client();
  const token = await issued(client);
  const stream = client.introspectStream();
  for (const [id, one] of [token, token, "x", ""].entries())
    await stream.ask(id, { token: one }).catch(() => undefined);
  expect(server.log()).not.toContain("IntrospectStream");
  stream.half();
  await stream.ended;
  await eventually("its line", () => server.log().includes('"method":"IntrospectStream"') || undefined);
  expect(server.log()).toContain('"items":4,"outcomes":{"active":2,"malformed":1,"INVALID_REQUEST":1}');
});

test("whoever is not known is refused before an item is read", async () => {
  const server = await startServer({ development: false, callers: [api.entry] });
  const stream = server.client().introspectStream();
  stream.send({ id: 1, request: { token: "x" } });
  expect(await failureOf(stream.ended)).toMatchObject({ code: "UNAUTHENTICATED", reason: "CALLER_UNKNOWN" });
  expect(stream.messages).toEqual([]);
});

function hasEnded(server: TestServer, status: string): Promise<true> {
  const line = new RegExp(`"method":"IntrospectStream","caller":"development","status":"${status}"`);
  return eventually("its line", () => line.test(server.log()) || undefined);
}

test("a stream whose caller has gone is over, with its items in flight", async () => {
  const { server, stream, client } = await withItemInFlight({ limits: { streams: 1 } });
  stream.cancel();
  await hasEnded(server, "CANCELLED");
  const askAgain = () => client.introspectStream().ask(1, { token: "x" });
  expect(await eventually("its place is free", () => askAgain().catch(() => undefined))).toBeDefined();
});

test("a stream whose deadline has passed ends there", async () => {
  const { server, client, slow } = await withItemInFlight();
  const stream = client.introspectStream({ deadline: new Date(Date.now() + 1_000) });
  stream.send({ id: 1, request: { token: slow } });
  expect(await failureOf(stream.ended)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await hasEnded(server, "DEADLINE_EXCEEDED");
});

const shuttingDown = { code: "UNAVAILABLE", reason: "SHUTTING_DOWN" };

test("a stop answers what was taken, and no more", async () => {
  const { server, stream, answerKeys } = await withItemInFlight({ listen: { shutdown_grace: "1h" } });
  const stopped = server.stop();
  await eventually("it stops", () => server.log().includes('"stopping"') || undefined);
  stream.send({ id: 2, request: { token: "x" } });
  answerKeys();
  expect(await failureOf(stream.ended)).toMatchObject({ ...shuttingDown, retryAfter: 1 });
  expect([...stream.answers.keys()]).toEqual([1]);
  expect(stream.answers.get(1)).toMatchObject({ sub: "bob" });
  await stopped;
});

test("an item that outlasts the grace of a stop is told so", async () => {
  const { server, stream } = await withItemInFlight({ listen: { shutdown_grace: "50ms" } });
  await server.stop();
  expect(await failureOf(stream.ended)).toMatchObject(shuttingDown);
  expect(errorOf(stream, 1)).toMatchObject({ ...shuttingDown, retryAfter: 1 });
});

test("a change of the configuration ends streams once what was taken is answered, and the next may begin at once", async () => {
  const { server, settings, client, stream, answerKeys } = await withItemInFlight();
  await server.reload(settings);
  answerKeys();
  expect(await failureOf(stream.ended)).toMatchObject({ ...shuttingDown, retryAfter: 0 });
  expect(stream.answers.get(1)).toMatchObject({ sub: "bob" });
  expect(await client.introspectStream().ask(1, { token: "x" })).toBeDefined();
});

test("an old connection ends its streams once what was taken is answered", async () => {
  const limits = { connection_age: "300ms", connection_age_grace: "1h" };
  const { stream, answerKeys } = await withItemInFlight({ limits });
  const ended = failureOf(stream.ended);
  answerKeys();
  expect(await ended).toMatchObject(shuttingDown);
  expect(stream.answers.get(1)).toMatchObject({ sub: "bob" });
});

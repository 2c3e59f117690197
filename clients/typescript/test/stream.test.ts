/** How questions go together, and what becomes of them when the stream, the connection or the service goes. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeCallerSecret } from "../../../src/core/token/caller-secret.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { temporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { startTcpProxy, type TcpProxy } from "../../../test/support/tcp-proxy.ts";
import { testCaller } from "../../../test/support/server.ts";
import { encodeItems } from "../src/encode-items.ts";
import { IntrospectStreamRequest } from "../src/gen/assay/v1/token_service.ts";
import { requestOf, termsEncoder } from "../src/request-terms.ts";
import { failureOf } from "./support/failure-of.ts";
import { API, openTestClient, type Served, serveAssay, service } from "./support/served.ts";
import { startCountingService } from "./support/counting-service.ts";

const times = (count: number): unknown[] => Array.from({ length: count });

async function throughProxy(assay: Served): Promise<TcpProxy> {
  const proxy = await startTcpProxy(Number(assay.address.split(":")[1]));
  onTestFinished(() => proxy.close());
  return proxy;
}

test("what is written by hand is what the generated code writes", () => {
  const terms = { audience: [API, "é"], requiredScopes: ["read"], proof: { dpop: "x".repeat(300) }, withMarks: true };
  const tokens = ["a", "b".repeat(200), "ü".repeat(9_000), "\uD800"];
  const ids = [1, 127, 128, Number.MAX_SAFE_INTEGER];
  const { bytes } = termsEncoder()(terms);
  const written = encodeItems(tokens.map((token, index) => ({ id: ids[index] ?? 0, token, terms: bytes })));
  const items = tokens.map((token, index) => ({
    id: ids[index] ?? 0,
    request: requestOf(token.toWellFormed(), terms),
  }));
  expect(IntrospectStreamRequest.decode(written)).toEqual(
    IntrospectStreamRequest.decode(IntrospectStreamRequest.encode({ items }).finish()),
  );
});

test("many concurrent calls go on one stream, up to 64 in a message", async () => {
  const counting = await startCountingService();
  const client = openTestClient({ address: counting.address });
  await Promise.all(times(256).map((_, index) => client.introspect(`token-${index}`)));
  expect(counting.streams()).toBe(1);
  expect(counting.messages()).toEqual([64, 64, 64, 64]);
});

test("each of many concurrent calls gets the answer about its own token", async () => {
  const assay = await serveAssay();
  const subjects = times(100).map(() => randomUUID());
  const tokens = await Promise.all(subjects.map((subject) => assay.token({ subject })));
  const client = assay.client();
  const answers = await Promise.all([...tokens, ...tokens].map((token) => client.introspect(token)));
  expect(answers.map((answer) => answer.active && answer.sub)).toEqual([...subjects, ...subjects]);
});

test("what is not answered when the connection breaks is asked again on the next", async () => {
  const assay = await serveAssay();
  const proxy = await throughProxy(assay);
  const [token, client] = [await assay.token(), assay.client({ address: `127.0.0.1:${proxy.port}` })];
  await client.introspect(token);
  proxy.hold("to-client");
  const waiting = times(200).map(() => client.introspect(token));
  proxy.cut();
  proxy.resume();
  expect((await Promise.all(waiting)).every(({ active }) => active)).toBe(true);
});

test("a service that is not there is asked until it is, and no longer than the deadline", async () => {
  const address = `unix:${join(await temporaryDirectory(), "assay.sock")}`;
  const client = openTestClient({ address });
  expect(await failureOf(client.introspect("x", { deadlineMs: 300 }))).toMatchObject({
    code: "UNAVAILABLE",
    retryable: true,
  });
  const patient = client.introspect("x");
  const assay = await serveAssay({ development: true, listen: { address } });
  expect(await patient).toMatchObject({ active: false });
  expect(assay.address).toBe(address);
});

test("calls go on while the service takes over another configuration", async () => {
  const assay = await serveAssay();
  const [token, client] = [await assay.token(), assay.client()];
  const stop = new AbortController();
  const asking = times(16).map(async () => {
    while (!stop.signal.aborted) expect(await client.introspect(token)).toMatchObject({ active: true });
  });
  const another = testCaller({ name: "another", permissions: ["introspect"], audiences: [API] });
  await assay.reload([another.entry]);
  const other = assay.client({ credentials: { secret: another.secret } });
  expect(await other.introspect(token)).toMatchObject({ active: true });
  stop.abort();
  await Promise.all(asking);
});

test("a service that does not answer costs a call no more than its deadline, whatever other calls wait", async () => {
  const assay = await serveAssay();
  const proxy = await throughProxy(assay);
  const client = assay.client({ address: `127.0.0.1:${proxy.port}` });
  await client.introspect("x");
  proxy.hold();
  const patient = client.introspect("x");
  const hasty = times(3).map((_, index) => failureOf(client.introspect("x", { deadlineMs: 50 * (index + 1) })));
  expect((await Promise.all(hasty)).map(({ code }) => code)).toEqual(times(3).map(() => "DEADLINE_EXCEEDED"));
  proxy.resume();
  expect(await patient).toMatchObject({ active: false });
});

test("more calls than may wait are refused at once", async () => {
  const client = (await serveAssay()).client({ maxPending: 2 });
  const [first, second, third] = times(3).map(() => client.introspect("x"));
  expect(await failureOf(third ?? Promise.resolve())).toMatchObject({ code: "RESOURCE_EXHAUSTED", retryable: true });
  expect(await Promise.all([first, second])).toMatchObject([{ active: false }, { active: false }]);
});

test("a service that reads no more is not written to without end", async () => {
  const counting = await startCountingService({ isDeaf: true });
  const client = openTestClient({ address: counting.address, maxPending: 5_000 });
  const token = "t".repeat(16_000);
  const asked = times(5_000).map(() => failureOf(client.introspect(token)));
  await eventually("it was reached", () => (counting.streams() === 1 ? true : undefined));
  client.close();
  expect(new Set((await Promise.all(asked)).map(({ code }) => code))).toEqual(new Set(["CANCELLED"]));
  expect(counting.messages().length).toBeLessThan(5_000 / 64);
});

test("an item that cannot be answered for now is asked again, and the others do not wait for it", async () => {
  const counting = await startCountingService({ unavailable: { token: "late", times: 2 } });
  const client = openTestClient({ address: counting.address });
  const late = client.introspect("late");
  expect(await client.introspect("soon")).toMatchObject({ active: true, sub: "soon" });
  expect(await late).toMatchObject({ active: true, sub: "late" });
  expect(counting.asked("late")).toBe(3);
  expect(counting.asked("soon")).toBe(1);
});

test("what the service says of when to come back counts: a call that has not the time fails at once", async () => {
  const counting = await startCountingService({ unavailable: { token: "late", times: 99, retryAfterMs: 60_000 } });
  const client = openTestClient({ address: counting.address });
  const failure = await failureOf(client.introspect("late"));
  expect(failure).toMatchObject({ code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE", retryAfterMs: 60_000 });
  expect(counting.asked("late")).toBe(1);
});

test("a caller with a token of its own shows a new one with each stream", async () => {
  const assay = await serveAssay();
  const proxy = await throughProxy(assay);
  const shown = [makeCallerSecret(), service.secret];
  const client = openTestClient({
    address: `127.0.0.1:${proxy.port}`,
    credentials: { token: async () => shown.shift() ?? service.secret },
  });
  expect(await failureOf(client.introspect("x"))).toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await client.introspect("x")).toMatchObject({ active: false });
  proxy.cut();
  expect(await client.introspect("x")).toMatchObject({ active: false });
  expect(shown).toEqual([]);
});

test("a token of its own that is never given holds up nobody for good: another is asked for", async () => {
  const assay = await serveAssay();
  const given = [new Promise<string>(() => undefined), Promise.resolve(service.secret)];
  const token = (): Promise<string> => given.shift() ?? Promise.reject(new Error("it was asked for too often"));
  const client = openTestClient({ address: assay.address, credentials: { token } });
  expect(await client.introspect("x")).toMatchObject({ active: false });
});

test("where the service takes shorter messages, all goes in shorter ones, and fails only what is too long alone", async () => {
  const assay = await serveAssay({ listen: { max_message_bytes: 4_096 } });
  const [token, client] = [await assay.token(), assay.client()];
  const tooLong = [6_000, 16_000].map((length) => failureOf(client.introspect("x".repeat(length))));
  const others = times(200).map(() => client.introspect(token));
  expect((await Promise.all(tooLong)).map(({ code }) => code)).toEqual(["RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"]);
  expect((await Promise.all(others)).every(({ active }) => active)).toBe(true);
});

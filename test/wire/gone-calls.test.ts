/** Calls that are cancelled, or whose deadline passes, while their work waits. */
import { once } from "node:events";
import { connect } from "node:http2";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { holdThreadPool } from "../support/hold-thread-pool.ts";
import { type ExportedSpan, startOtlpReceiver } from "../support/otlp-receiver.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { API, startServer } from "../support/server.ts";
import { slowIssuer } from "../support/slow-issuer.ts";

const MINT = { client_id: "web", subject: "alice", audience: [API] };
/** As many signature checks as are made at once. */
const AT_ONCE = 32;

beforeEach(() => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function count(log: string, status: string): number {
  return log
    .split("\n")
    .filter((line) => line.includes(`"method":"Introspect"`) && line.includes(`"status":"${status}"`)).length;
}

function isCancelled({ attributes }: ExportedSpan): boolean {
  return attributes["rpc.response.status_code"] === "CANCELLED";
}

function mintMany(mint: () => Promise<string>, many: number): Promise<string[]> {
  return Promise.all(Array.from({ length: many }, mint));
}

test("calls that are cancelled in the queue for signature checks leave it at once, and none is made for them", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  const client = server.client();
  const mint = async (): Promise<string> => (await client.issue({ mint: MINT })).access_token;
  const [begun, waiting] = await Promise.all([mintMany(mint, AT_ONCE), mintMany(mint, 20)]);
  const release = await holdThreadPool();
  const running = begun.map((token) => client.introspect({ token }));
  const cancelling = new AbortController();
  const { signal } = cancelling;
  const queued = waiting.map((token) => failureOf(client.introspect({ token }, { signal })));
  // Behind all of them on the same connection.
  await client.introspect({ token: "x" });

  cancelling.abort();
  await eventually("the cancelled calls have ended", () => count(server.log(), "CANCELLED") === 20 || undefined);
  expect(count(server.log(), "OK")).toBe(1);
  await release();
  for (const answer of await Promise.all(running)) expect(answer).toMatchObject({ active: true });
  for (const { code } of await Promise.all(queued)) expect(code).toBe("CANCELLED");
  await server.stop();
  const cancelled = new Set(
    receiver
      .spans()
      .filter(isCancelled)
      .map(({ traceId }) => traceId),
  );
  expect(cancelled.size).toBe(20);
  const within = receiver.spans().filter((span) => cancelled.has(span.traceId) && !isCancelled(span));
  for (const span of within) expect(span).toMatchObject({ name: "assay.verify_signature", status: 2 });
});

test("a call that is cancelled while an issuer's keys are fetched ends at once, and its place among the calls in flight is free", async () => {
  const { token, issuer, asked, answerKeys } = await slowIssuer();
  const server = await startServer({ issuers: [issuer], limits: { calls_in_flight: 1 } });
  const client = server.client();
  const cancelling = new AbortController();
  const cancelled = failureOf(client.introspect({ token }, { signal: cancelling.signal }));
  await asked;
  cancelling.abort();
  expect(await cancelled).toMatchObject({ code: "CANCELLED" });
  await eventually("the call has ended", () => count(server.log(), "CANCELLED") === 1 || undefined);
  const next = client.introspect({ token });
  answerKeys();
  expect(await next).toMatchObject({ active: true });
});

test("a call that is cancelled while its caller is being recognised ends at once, and the others that come as it go on", async () => {
  const { token, issuer, asked, answerKeys } = await slowIssuer();
  const api = { name: "api", jwt: { issuer: issuer.issuer, subject: "bob" }, permissions: ["introspect" as const] };
  const server = await startServer({
    development: false,
    listen: { caller_audience: API },
    issuers: [{ ...issuer, use: ["callers"] }],
    callers: [{ ...api, audiences: [API] }],
  });
  const client = server.client({ secret: token });
  const cancelling = new AbortController();
  const cancelled = failureOf(client.introspect({ token: "x" }, { signal: cancelling.signal }));
  const other = client.introspect({ token: "x" });
  await asked;
  cancelling.abort();
  expect(await cancelled).toMatchObject({ code: "CANCELLED" });
  await eventually("the call has ended", () => count(server.log(), "CANCELLED") === 1 || undefined);
  answerKeys();
  expect(await other).toEqual({});
});

/** Speaks for itself: a grpc-js client would end the call by its own clock. */
async function statusFromServer(address: string, body: Buffer, timeout: string): Promise<unknown> {
  const session = connect(`http://${address}`);
  onTestFinished(() => session.destroy());
  const headers = { "content-type": "application/grpc", te: "trailers", "grpc-timeout": timeout };
  const stream = session.request({ ":method": "POST", ":path": "/assay.v1.TokenService/Introspect", ...headers });
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([frame, body]));
  const [response] = await once(stream, "response");
  if (response["grpc-status"] !== undefined) return response["grpc-status"];
  const [trailers] = await once(stream.resume(), "trailers");
  return trailers["grpc-status"];
}

test("a store that is frozen costs a caller its deadline and no more", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const server = await startServer({ store: { url: redis.url, timeout: "10s" } });
  const client = server.client();
  // Not seen before: of one that was, the store is not asked.
  const { access_token: token } = await client.issue({ mint: { ...MINT, format: "OPAQUE" } });
  redis.pause();
  const status = await statusFromServer(server.address, client.encode("Introspect", { token }), "100m");
  expect(String(status)).toBe("4");
  redis.resume();
  await eventually("the log says so", () => count(server.log(), "DEADLINE_EXCEEDED") === 1 || undefined);
});

import { Metadata } from "@grpc/grpc-js";
import { expect, test, vi, beforeEach, afterEach } from "vitest";
import { type ExportedSpan, type OtlpReceiver, startOtlpReceiver } from "../support/otlp-receiver.ts";
import { API, ISSUER, startServer } from "../support/server.ts";

beforeEach(() => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const FINGERPRINT = expect.stringMatching(/^[0-9a-f]{16}$/);
const MINT = { client_id: "web", subject: "alice@example.org", audience: [API], refresh: true };

function only(receiver: OtlpReceiver, name: string): ExportedSpan {
  const found = receiver.spans().filter((span) => span.name === name);
  expect(found).toHaveLength(1);
  const [span] = found;
  if (span === undefined) throw new Error(`there is no span ${name}`);
  return span;
}

test("a call is a server span within the caller's trace, and its store calls are within it", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  const metadata = new Metadata();
  metadata.set("traceparent", `00-${TRACE}-${PARENT}-01`);
  await server.client().issue({ mint: MINT }, { metadata });
  await server.stop();

  const rpc = only(receiver, "assay.v1.TokenService/Issue");
  expect(rpc).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: 2, status: 0 });
  expect(rpc.attributes).toEqual({
    "rpc.system.name": "grpc",
    "rpc.method": "assay.v1.TokenService/Issue",
    "rpc.response.status_code": "OK",
    "assay.caller": "development",
    "assay.outcome": "mint",
    "assay.client_id": "web",
    "assay.token.format": "jwt",
    "assay.token.fingerprint": FINGERPRINT,
    "assay.family.fingerprint": FINGERPRINT,
    "assay.subject.fingerprint": FINGERPRINT,
  });
  const store = only(receiver, "assay.store.families.create");
  expect(store).toMatchObject({ traceId: TRACE, attributes: { "assay.store.kind": "sqlite" } });
});

test("an introspection says what its token is, so that it can be followed from where it was issued", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  const client = server.client();
  const { access_token: token } = await client.issue({ mint: MINT });
  for (let times = 0; times < 2; times += 1) await client.introspect({ token });
  await client.batchIntrospect([{ token }, { token }]);
  await client.introspect({ token: "never-was" });
  await server.stop();

  const { attributes: issued } = only(receiver, "assay.v1.TokenService/Issue");
  const [first, again, unknown] = receiver.spans().filter(({ name }) => name === "assay.v1.TokenService/Introspect");
  const known = {
    "assay.outcome": "active",
    "assay.token.format": "jwt",
    "assay.issuer": ISSUER,
    "assay.client_id": "web",
    "assay.staleness": expect.any(Number),
    "assay.token.fingerprint": issued["assay.token.fingerprint"],
    "assay.family.fingerprint": issued["assay.family.fingerprint"],
    "assay.subject.fingerprint": issued["assay.subject.fingerprint"],
  };
  expect(first?.attributes).toMatchObject({ ...known, "assay.token.remembered": false });
  expect(again?.attributes).toMatchObject({ ...known, "assay.token.remembered": true });
  // Of what is no token, and of many at once, no span says whose it is.
  for (const span of [unknown, only(receiver, "assay.v1.TokenService/BatchIntrospect")])
    expect(span?.attributes).not.toHaveProperty(["assay.token.fingerprint"]);
});

test("a refused call says why, and is no fault of the server's", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  await server
    .client()
    .issue({})
    .catch(() => undefined);
  await server.stop();

  const { attributes, status } = only(receiver, "assay.v1.TokenService/Issue");
  expect(attributes).toMatchObject({
    "rpc.response.status_code": "INVALID_ARGUMENT",
    "assay.reason": "INVALID_REQUEST",
  });
  expect(status).toBe(0);
});

test("a signal is an event on the span of its call, a count and a log line", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  const client = server.client();
  const { access_token: token } = await client.issue({ mint: MINT });
  await client.revoke({ token });
  await client.introspect({ token });
  await server.stop();

  const { events, attributes } = only(receiver, "assay.v1.TokenService/Introspect");
  expect(attributes).toMatchObject({ "assay.outcome": "revoked" });
  expect(events).toMatchObject([
    { name: "assay.signal", attributes: { "assay.signal.kind": "revoked_token_used", "assay.client_id": "web" } },
  ]);
  for (const metric of ["assay.signals", "assay.introspections", "rpc.server.call.duration"]) {
    expect(receiver.everything()).toContain(`"name":"${metric}"`);
  }
  expect(server.log()).toContain('"assay.signal.kind":"revoked_token_used"');
});

test("every introspection is counted, the items of batches and streams too, and each of those is one span", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  const client = server.client();
  const { access_token: token } = await client.issue({ mint: MINT });
  await client.introspect({ token });
  await client.batchIntrospect([{ token }, { token: "x" }, { token: "" }]);
  const stream = client.introspectStream();
  for (const id of [1, 2]) await stream.ask(id, { token });
  stream.half();
  await stream.ended;
  await server.stop();

  expect(receiver.counted("assay.introspections", "assay.outcome")).toEqual({
    active: 4,
    malformed: 1,
    INVALID_REQUEST: 1,
  });
  for (const rpc of ["BatchIntrospect", "IntrospectStream"])
    expect(only(receiver, `assay.v1.TokenService/${rpc}`).attributes).toMatchObject({
      "rpc.response.status_code": "OK",
      "assay.caller": "development",
    });
});

test("nothing that is exported names a token, a subject or the command line", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint, service_name: "trial" } });
  const client = server.client();
  const issued = await client.issue({ mint: MINT });
  await client.introspect({ token: issued.access_token });
  await client.issue({ refresh: { refresh_token: issued.refresh_token ?? "", client_id: "web" } });
  await server.stop();

  const exported = receiver.everything();
  expect(exported).toContain("trial");
  const secrets = [issued.access_token.slice(-40), issued.refresh_token ?? "", "alice", "command", process.argv0];
  for (const secret of secrets) expect(exported).not.toContain(secret);
});

test("nothing is exported of what the ratio leaves out", async () => {
  const receiver = await startOtlpReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint, sample_ratio: 0 } });
  await server.client().introspect({ token: "x" });
  await server.stop();
  expect(receiver.spans()).toEqual([]);
});

test("the service is as good without its receiver", async () => {
  const server = await startServer({ telemetry: { otlp_endpoint: "http://127.0.0.1:1" } });
  const { access_token: token } = await server.client().issue({ mint: MINT });
  expect(await server.client().introspect({ token })).toMatchObject({ active: true });
  await server.stop();
});

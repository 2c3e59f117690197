import { Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { ATTRIBUTES, LOG_EVENTS, SPAN_EVENTS, SPANS } from "../../src/telemetry/attributes.ts";
import { issuer, startAuthority, startVerifier } from "../support/deployment.ts";
import { recordSecret } from "../support/leaks/record.ts";
import { type ExportedLogEvent, startOtlpGrpcReceiver } from "../support/otlp-grpc-receiver.ts";
import { API, ORDERS, startServer, type TestServer } from "../support/server.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0+$)[0-9a-f]{16}$/;
const SUBJECT = "alice.of.the.trail@example.org";
const CLIENT_IP = "203.0.113.213";
const REASON = "alice has left the company";
const FINGERPRINT = expect.stringMatching(/^[0-9a-f]{16}$/);
const MINT = { client_id: "web", subject: SUBJECT, audience: [API], refresh: true };

function tracedBy(flags: "00" | "01"): { metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set("traceparent", `00-${TRACE}-${PARENT}-${flags}`);
  return { metadata };
}

async function revokedToken(server: TestServer): Promise<string> {
  const client = server.client();
  const { access_token: token } = await client.issue({ mint: MINT });
  await client.revoke({ token });
  return token;
}

function auditLines(server: TestServer): unknown[] {
  const lines = server.log().split("\n");
  return lines.filter((line) => line.includes('"msg":"audit: ')).map((line) => JSON.parse(line));
}

function named(events: ExportedLogEvent[], name: string): ExportedLogEvent[] {
  return events.filter((event) => event.name === name);
}

test("a signal is a log event with the trace and the span of its call", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  await server.client().introspect({ token: await revokedToken(server) }, tracedBy("01"));
  await server.stop();

  const call = receiver.spans().find(({ name }) => name === "assay.v1.TokenService/Introspect");
  const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(call).toMatchObject({
    traceId: TRACE,
    parentSpanId: PARENT,
    events: [{ name: "assay.signal", attributes: { "assay.signal.id": id } }],
  });
  expect(named(receiver.logEvents(), "assay.signal")).toEqual([
    {
      name: "assay.signal",
      severity: 13,
      severityText: "warning",
      traceId: TRACE,
      spanId: call?.spanId,
      isSampled: true,
      attributes: {
        "assay.audit.sequence": 3,
        "assay.signal.id": call?.events[0]?.attributes["assay.signal.id"],
        "assay.signal.kind": "revoked_token_used",
        "assay.signal.severity": "warning",
        "assay.signal.detail": "access",
        "assay.caller": "development",
        "assay.client_id": "web",
        "assay.token.fingerprint": FINGERPRINT,
        "assay.family.fingerprint": FINGERPRINT,
        "assay.subject.fingerprint": FINGERPRINT,
      },
    },
  ]);
});

test("a signal of a call that is not sampled is exported all the same, with the caller's trace", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  await server.client().introspect({ token: await revokedToken(server) }, tracedBy("00"));
  await server.stop();

  expect(receiver.spans().filter(({ traceId }) => traceId === TRACE)).toEqual([]);
  expect(named(receiver.logEvents(), "assay.signal")).toMatchObject([{ traceId: TRACE, isSampled: false }]);
});

test("of a thousand signals a thousand are exported where one call in a hundred is sampled", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint, sample_ratio: 0.01 } });
  const token = await revokedToken(server);
  const client = server.client();
  const batch = Array.from({ length: 100 }, () => ({ token }));
  for (let sent = 0; sent < 500; sent += batch.length) await client.batchIntrospect(batch);
  for (let sent = 0; sent < 500; sent += 50)
    await Promise.all(batch.slice(0, 50).map((request) => client.introspect(request)));
  await server.stop();

  const signals = named(receiver.logEvents(), "assay.signal");
  const numbers = new Set(signals.map(({ attributes }) => attributes["assay.audit.sequence"]));
  expect([signals.length, numbers.size]).toEqual([1_000, 1_000]);
  // Each leads to its call, sampled or not.
  for (const { traceId, spanId } of signals)
    expect([traceId, spanId]).toEqual([expect.stringMatching(TRACE_ID), expect.stringMatching(SPAN_ID)]);
  expect(receiver.spans().length).toBeLessThan(500);
});

test("each Issue and Revoke, done or refused, is a log event, and they are numbered in their order", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  const client = server.client();
  const { access_token: token, refresh_token: refreshToken = "" } = await client.issue({ mint: MINT });
  await client.issue({ refresh: { refresh_token: refreshToken, client_id: "web" } });
  await client.issue({ refresh: { refresh_token: "asy_rt_x", client_id: "web" } }).catch(() => undefined);
  const subject = { subject_token: token, subject_token_type: "urn:ietf:params:oauth:token-type:access_token" };
  await client.issue({ exchange: { client_id: "orders", ...subject, audience: [ORDERS] } });
  await client.revoke({ token });
  await server.stop();

  const events = receiver.logEvents();
  expect(events.map(({ name, attributes }) => [name, attributes["assay.audit.outcome"]])).toEqual([
    ["assay.token.issued", "done"],
    ["assay.token.refreshed", "done"],
    ["assay.token.refreshed", "refused"],
    ["assay.token.exchanged", "done"],
    ["assay.revocation", "done"],
  ]);
  expect(events.map(({ attributes }) => attributes["assay.audit.sequence"])).toEqual([1, 2, 3, 4, 5]);
  expect(events[0]?.attributes).toMatchObject({
    "assay.caller": "development",
    "assay.client_id": "web",
    "assay.token.format": "jwt",
    "assay.token.audience": [API],
    "assay.token.scope": [],
  });
  expect(events[2]).toMatchObject({
    severity: 13,
    attributes: { "assay.reason": "INVALID_GRANT", "assay.audit.refusal": "malformed" },
  });
  expect(events[4]?.attributes).toMatchObject({ "assay.revocation.durability": "local" });
});

test("every name and attribute that is exported is one that the reference page describes", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  await server.client().introspect({ token: await revokedToken(server) });
  await server.stop();

  const described = new Set<string>(Object.values(ATTRIBUTES));
  const exported = [...receiver.logEvents(), ...receiver.spans()].flatMap(({ attributes }) => Object.keys(attributes));
  expect(exported.filter((name) => !described.has(name))).toEqual([]);
  for (const { name, events } of receiver.spans()) {
    expect(Object.keys(SPANS).some((known) => name.startsWith(known.replace("*", "")))).toBe(true);
    for (const event of events) expect(Object.keys(SPAN_EVENTS)).toContain(event.name);
  }
  const unknown = receiver.logEvents().filter(({ name, attributes }) => {
    const event = Object.entries(LOG_EVENTS).find(([known]) => known === name)?.[1];
    const known = new Set<string>(event?.attributes.map((key) => ATTRIBUTES[key]));
    return Object.keys(attributes).some((attribute) => !known.has(attribute));
  });
  expect(unknown).toEqual([]);
});

test("nothing that is exported names a token, a subject, an address or the reason of a revocation", async () => {
  for (const text of [SUBJECT, CLIENT_IP, REASON]) recordSecret({ kind: "a personal datum", text });
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint }, log: { audit: true } });
  const client = server.client();
  const context = { client_ip: CLIENT_IP, user_agent: "Alice's own browser" };
  const issued = await client.issue({ mint: { ...MINT, format: "OPAQUE" } });
  const refresh = { refresh_token: issued.refresh_token ?? "", client_id: "web", context };
  await client.issue({ refresh });
  await client.issue({ mint: { ...MINT, client_id: SUBJECT } }).catch(() => undefined);
  await client.revoke({ sid: issued.sid, reason: REASON });
  await client.revoke({ subject: { sub: SUBJECT }, reason: REASON });
  await client.introspect({ token: issued.access_token, context });
  await client.issue({ refresh }).catch(() => undefined);
  await server.stop();

  const exported = receiver.everything() + server.log();
  expect(named(receiver.logEvents(), "assay.signal")).toHaveLength(2);
  const secrets = [issued.access_token.slice(-40), refresh.refresh_token.slice(-40), issued.sid, "alice", "Alice"];
  for (const secret of [...secrets, CLIENT_IP]) expect(exported).not.toContain(secret);
});

test("the log has a line for each event of the trail where it is asked to, without telemetry too", async () => {
  const server = await startServer({ log: { audit: true } });
  await server.client().issue({ mint: MINT });
  await server.stop();

  expect(auditLines(server)).toMatchObject([
    {
      msg: "audit: assay.token.issued",
      "assay.audit.sequence": 1,
      "assay.caller": "development",
      "assay.client_id": "web",
    },
  ]);
});

test("what a verifier passes on its authority writes down, with the verifier as the caller", async () => {
  const authority = await startAuthority({ log: { audit: true } });
  const verifier = await startVerifier([authority.address], { log: { audit: true } });
  const client = verifier.client(issuer);
  const { access_token: token } = await client.issue({ mint: MINT });
  await client.revoke({ token });

  expect(auditLines(authority)).toMatchObject([
    { msg: "audit: assay.token.issued", "assay.caller": "verifier", "assay.client_id": "web" },
    { msg: "audit: assay.revocation", "assay.caller": "verifier", "assay.client_id": "web" },
  ]);
  expect(auditLines(verifier)).toEqual([]);
});

test("the log has no such line otherwise", async () => {
  const server = await startServer();
  await server.client().issue({ mint: MINT });
  await server.stop();
  expect(auditLines(server)).toEqual([]);
});

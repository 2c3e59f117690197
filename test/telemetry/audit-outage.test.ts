import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startTelemetry } from "../../src/telemetry/telemetry.ts";
import { requiredTrail } from "../../src/telemetry/trail-health.ts";
import type { TestClient } from "../support/client.ts";
import { issuer, startAuthority, startVerifier } from "../support/deployment.ts";
import { failureOf } from "../support/failure-of.ts";
import { healthClient } from "../support/health.ts";
import { type OtlpGrpcReceiver, startOtlpGrpcReceiver } from "../support/otlp-grpc-receiver.ts";
import { API, startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const MINT = { client_id: "web", subject: "bob", audience: [API] };
const UNKEPT = { code: "UNAVAILABLE", reason: "AUDIT_UNAVAILABLE", retryAfter: expect.any(Number) };
/** The exporter's channel to a receiver that was away for some time tries it again after seconds. */
const BACK_MS = 25_000;

beforeEach(() => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "300");
  vi.stubEnv("OTEL_BLRP_SCHEDULE_DELAY", "50");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function mustReach({ endpoint }: OtlpGrpcReceiver) {
  return { telemetry: { otlp_endpoint: endpoint, max_audit_outage: "2s" } };
}

function becomes(server: TestServer, status: string, deadlineMs?: number): Promise<string> {
  const health = healthClient(server.address);
  const ask = async () => ((await health.check()) === status ? status : undefined);
  return until(`health says ${status}`, ask, deadlineMs);
}

function issuedTo(client: TestClient): Promise<{ access_token: string; sid: string }> {
  return client.issue({ mint: MINT });
}

test("while audit events fail to arrive for too long nothing is answered, and all goes on by itself when they do", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer(mustReach(receiver));
  const client = server.client();
  await issuedTo(client);
  await until("it has arrived", () => receiver.logEvents()[0]);

  receiver.kill();
  // What is done now waits for the receiver: for a while, that is borne.
  const { access_token: token, sid } = await issuedTo(client);
  expect(await becomes(server, "NOT_SERVING")).toBe("NOT_SERVING");
  for (const call of [client.issue({ mint: MINT }), client.revoke({ sid }), client.introspect({ token })])
    expect(await failureOf(call)).toMatchObject(UNKEPT);
  expect((await client.batchIntrospect([{ token }])).failures.get(0)).toMatchObject(UNKEPT);
  expect((await client.getJwks()).jwks).toContain("keys");
  const notReady = server
    .log()
    .split("\n")
    .find((line) => line.includes('"msg":"not ready"'));
  expect(notReady).toMatch(/longer than telemetry\.max_audit_outage: Issue, Revoke and Introspect are refused until/);

  await receiver.revive();
  expect(await becomes(server, "SERVING", BACK_MS)).toBe("SERVING");
  expect(await client.introspect({ token })).toMatchObject({ active: true });
  await client.revoke({ sid });
  await server.stop();
  // What was refused is not among them, and nothing was lost.
  const arrived = receiver.logEvents().map(({ attributes }) => attributes["assay.audit.sequence"]);
  expect([...new Set(arrived)]).toEqual([1, 2, 3]);
}, 60_000);

test("a verifier passes on that its authority cannot write the trail, and judges tokens by its own", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const authority = await startAuthority(mustReach(receiver));
  const verifier = await startVerifier([authority.address]);
  const client = verifier.client(issuer);
  receiver.kill();
  const { access_token: token } = await issuedTo(client);
  await becomes(authority, "NOT_SERVING");
  expect(await failureOf(client.issue({ mint: MINT }))).toMatchObject(UNKEPT);
  expect(await failureOf(client.revoke({ token }))).toMatchObject(UNKEPT);
  expect(await client.introspect({ token })).toMatchObject({ active: true });
});

test("a verifier whose own signals fail to arrive for too long answers nothing", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const authority = await startAuthority();
  const verifier = await startVerifier([authority.address], mustReach(receiver));
  const client = verifier.client(issuer);
  const { access_token: token } = await issuedTo(client);
  await client.revoke({ token });
  receiver.kill();
  await client.introspect({ token });
  await becomes(verifier, "NOT_SERVING");
  for (const call of [client.issue({ mint: MINT }), client.revoke({ token }), client.introspect({ token })])
    expect(await failureOf(call)).toMatchObject(UNKEPT);
});

test("without the setting a dead receiver stops nothing", async () => {
  vi.stubEnv("OTEL_BLRP_MAX_QUEUE_SIZE", "1");
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  receiver.kill();
  const client = server.client();
  for (let issued = 0; issued < 3; issued++) await issuedTo(client);
  await until("a loss is said", () => server.log().includes("were not exported") || undefined);
  expect(await client.introspect({ token: (await issuedTo(client)).access_token })).toMatchObject({ active: true });
  expect(await healthClient(server.address).check()).toBe("SERVING");
});

test("the trail is kept until more has passed than is borne", () => {
  let overdueMs = 0;
  const trail = requiredTrail(() => overdueMs, 5_000);
  expect([trail.isKept(), trail.problem()]).toEqual([true, undefined]);
  overdueMs = 5_000;
  expect(trail.isKept()).toBe(true);
  overdueMs = 5_001;
  expect([trail.isKept(), trail.problem()]).toEqual([false, expect.stringContaining("Mend the receiver")]);
});

describe("a start is refused where the trail must arrive and", () => {
  const options = { enabled: undefined, otlpEndpoint: "http://127.0.0.1:1", isScraped: false, sampleRatio: 1 };
  const log = { warn: () => undefined, error: () => undefined };

  test.each<[string, object, Record<string, string>]>([
    ["telemetry is off", { enabled: false }, {}],
    ["no receiver is named", { otlpEndpoint: undefined }, {}],
    ["only metrics are asked for", { otlpEndpoint: undefined, isScraped: true }, {}],
    ["log events are not sent", {}, { OTEL_LOGS_EXPORTER: "none" }],
    ["log events are printed", {}, { OTEL_LOGS_EXPORTER: "console" }],
    ["the SDK is off", {}, { OTEL_SDK_DISABLED: "true" }],
  ])("%s", async (_what, changes, variables) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const asked = { ...options, serviceName: "assay", maxAuditOutageMs: 5_000, log, ...changes };
    await expect(startTelemetry(asked)).rejects.toThrow(
      /max_audit_outage is set, but log events go to no OTLP receiver/,
    );
  });
});

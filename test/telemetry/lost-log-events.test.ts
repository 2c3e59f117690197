import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { logLosses } from "../../src/telemetry/log-losses.ts";
import { startOtlpGrpcReceiver } from "../support/otlp-grpc-receiver.ts";
import { API, startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const MINT = { client_id: "web", subject: "bob", audience: [API] };
const LOST = "log events (signals, audit) were not exported";
const AGAIN = "log events (signals, audit) are exported again";

beforeEach(() => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "300");
  vi.stubEnv("OTEL_BLRP_SCHEDULE_DELAY", "50");
  vi.stubEnv("OTEL_BLRP_MAX_QUEUE_SIZE", "20");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function linesWith(log: string, message: string): string[] {
  return log.split("\n").filter((line) => line.includes(message));
}

test("calls are answered while the receiver is frozen; what it does not take is counted and said", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  const client = server.client();
  receiver.freeze();
  const tokens: { token: string }[] = [];
  while (tokens.length < 50) tokens.push({ token: (await client.issue({ mint: MINT })).access_token });
  await client.revoke({ subject: { sub: MINT.subject } });
  // Each is a signal.
  expect((await client.batchIntrospect(tokens)).responses).toHaveLength(tokens.length);
  const { access_token: another } = await client.issue({ mint: { ...MINT, subject: "carol" } });
  expect(await client.introspect({ token: another })).toMatchObject({ active: true });
  await until("the loss is said", () => linesWith(server.log(), LOST)[0]);

  receiver.thaw();
  await until("an export has succeeded", () => linesWith(server.log(), AGAIN)[0]);
  await server.stop();
  const arrived = new Set(receiver.logEvents().map(({ attributes }) => attributes["assay.audit.sequence"]));
  expect(arrived.size).toBeGreaterThanOrEqual(20);
  const told = 2 * tokens.length + 2;
  expect(receiver.counted("assay.log_events.lost", "error.type")).toEqual({ queue_full: told - arrived.size });
});

test("what a receiver refuses while it is started anew reaches it afterwards", async () => {
  const receiver = await startOtlpGrpcReceiver();
  const server = await startServer({ telemetry: { otlp_endpoint: receiver.endpoint } });
  receiver.refuse();
  await server.client().issue({ mint: MINT });
  await until("it was refused", () => receiver.refusals() || undefined);
  receiver.thaw();
  await until("it has arrived", () => receiver.logEvents()[0]);
  await server.stop();
  expect(receiver.logEvents()).toHaveLength(1);
  expect(linesWith(server.log(), LOST)).toEqual([]);
});

test("what was never sent is said at the stop", async () => {
  const server = await startServer({ telemetry: { otlp_endpoint: "http://127.0.0.1:1" } });
  await server.client().issue({ mint: MINT });
  await server.stop();
  expect(linesWith(server.log(), LOST).map((line) => JSON.parse(line))).toMatchObject([{ level: "warn", lost: 1 }]);
});

test("losses are said at once, then every ten seconds at most, and none is left out", () => {
  const lines: object[] = [];
  let now = 0;
  const losses = logLosses({ warn: (fields) => lines.push(fields) }, () => now);
  losses.lost(1, "queue_full");
  losses.lost(2, "queue_full");
  now = 9_999;
  losses.lost(3, "export_failed");
  expect(lines).toEqual([{ lost: 1 }]);
  now = 10_000;
  losses.lost(4, "export_failed");
  losses.lost(5, "export_failed");
  losses.end(6);
  expect(lines).toEqual([{ lost: 1 }, { lost: 9 }, { lost: 11 }]);
});

test("after losses the first success is said, once", () => {
  const lines: string[] = [];
  const losses = logLosses({ warn: (_fields, message) => lines.push(message) }, () => 0);
  losses.exported();
  losses.lost(1, "export_failed");
  losses.exported();
  losses.exported();
  losses.end(0);
  expect(lines).toEqual([expect.stringContaining(LOST), AGAIN]);
});

/** What a receiver of telemetry costs that is slow without end, or gone: never an answer. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startOtlpGrpcReceiver } from "../support/otlp-grpc-receiver.ts";
import { API, startServer } from "../support/server.ts";
import { metricsAddress, scrape } from "./scrape.ts";

const MINT = { client_id: "web", subject: "bob", audience: [API] };
const CAROL = { ...MINT, subject: "carol" };
const QUEUE = 20;
/** Whoever waited for the receiver would wait for as long. */
const EXPORTERS_PATIENCE_MS = 120_000;
/** For one call: a fraction of that, and far more than a busy machine takes. */
const CALLERS_PATIENCE_MS = 15_000;

beforeEach(() => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_TIMEOUT", String(EXPORTERS_PATIENCE_MS));
  vi.stubEnv("OTEL_BLRP_SCHEDULE_DELAY", "50");
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "50");
  vi.stubEnv("OTEL_BLRP_MAX_QUEUE_SIZE", String(QUEUE));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function soon(): { deadline: Date } {
  return { deadline: new Date(Date.now() + CALLERS_PATIENCE_MS) };
}

/** It accepts connections, and says nothing on them, not even how it would talk. */
async function startBlackHole(): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `http://127.0.0.1:${address.port}`;
}

async function startSilentReceiver(): Promise<string> {
  const receiver = await startOtlpGrpcReceiver();
  receiver.freeze();
  return receiver.endpoint;
}

test.each<[string, () => Promise<string>]>([
  ["accepts connections and says nothing", startBlackHole],
  ["takes what it is sent and never answers", startSilentReceiver],
  ["is not there", async () => "http://127.0.0.1:1"],
])("a receiver that %s holds up no answer, and what is lost by it is counted and shown", async (_what, start) => {
  const telemetry = { otlp_endpoint: await start(), prometheus_address: "127.0.0.1:0" };
  const server = await startServer({ telemetry });
  const client = server.client();
  const tokens: string[] = [];
  for (let made = 0; made < 5 * QUEUE; made++) tokens.push((await client.issue({ mint: MINT }, soon())).access_token);
  await client.revoke({ subject: { sub: MINT.subject } }, soon());
  // Each is a signal.
  for (const token of tokens)
    expect((await client.introspect({ token }, soon())).inactive_reason).toBe("INACTIVE_REASON_REVOKED");
  const { access_token: another } = await client.issue({ mint: CAROL }, soon());
  expect(await client.introspect({ token: another }, soon())).toMatchObject({ active: true });

  // Of the signals, the audit events of their tokens and two more as many wait as the queue holds.
  const lost = 2 * tokens.length + 2 - QUEUE;
  const metrics = await eventually("all that is lost is counted", async () => {
    const now = await scrape(metricsAddress(server.log()));
    return (now.value("assay_log_events_lost_total") ?? 0) >= lost ? now : undefined;
  });
  expect(metrics.value("assay_log_events_lost_total", { error_type: "queue_full" })).toBe(lost);
  expect(server.log()).toContain("log events (signals, audit) were not exported");
});

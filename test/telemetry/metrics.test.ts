/** What a running server has counted and measured, as Prometheus gets it. */
import { Client, credentials, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { HOW_GAUGES_ADD_UP } from "../../src/telemetry/add-metrics.ts";
import { prometheusName } from "../../src/telemetry/prometheus-text.ts";
import { issuer, service, startAuthority, startVerifier } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { metricsAddress, scrape, type Scraped } from "./scrape.ts";

const telemetry = { prometheus_address: "127.0.0.1:0" };
const SUBJECT = "alice@people.example";
const MINT = { client_id: "web", subject: SUBJECT, audience: [API], refresh: true };
const METHOD = "assay.v1.TokenService";

/** A method that is not of the contract. */
async function callUnknown(address: string, path: string): Promise<void> {
  const channel = new Client(address, credentials.createInsecure());
  const failure = await new Promise((resolve) => {
    channel.makeUnaryRequest(path, pass, pass, Buffer.alloc(0), (error) => resolve(error?.code));
  });
  channel.close();
  expect(failure).toBe(status.UNIMPLEMENTED);
}

function pass(bytes: Buffer): Buffer {
  return bytes;
}

function metricsOf(server: TestServer): Promise<Scraped> {
  return scrape(metricsAddress(server.log()));
}

describe("after known calls", () => {
  test("calls are counted by method, status and reason, and their durations lie in buckets", async () => {
    const server = await startServer({ telemetry });
    const client = server.client();
    await client.introspect({ token: "x" });
    await client.introspect({ token: "y" });
    expect(await failureOf(client.issue({}))).toMatchObject({ reason: "INVALID_REQUEST" });

    const metrics = await metricsOf(server);
    expect(metrics.types.get("rpc_server_call_duration_seconds")).toBe("histogram");
    const introspect = { rpc_method: `${METHOD}/Introspect`, rpc_response_status_code: "OK" };
    expect(metrics.value("rpc_server_call_duration_seconds_count", introspect)).toBe(2);
    expect(metrics.value("rpc_server_call_duration_seconds_bucket", { ...introspect, le: "+Inf" })).toBe(2);
    const issue = { rpc_method: `${METHOD}/Issue`, assay_reason: "INVALID_REQUEST" };
    expect(metrics.types.get("assay_rpc_errors_total")).toBe("counter");
    expect(metrics.value("assay_rpc_errors_total", issue)).toBe(1);
  });

  test("introspections are counted by outcome, and by whether the token was remembered", async () => {
    const server = await startServer({ telemetry });
    const client = server.client();
    const { access_token: token } = await client.issue({ mint: MINT });
    for (let seen = 0; seen < 3; seen++) await client.introspect({ token });
    await client.introspect({ token: "x" });

    const metrics = await metricsOf(server);
    expect(metrics.value("assay_introspections_total", { assay_outcome: "active" })).toBe(3);
    expect(metrics.value("assay_introspections_total", { assay_outcome: "malformed" })).toBe(1);
    expect(metrics.value("assay_remembered_tokens_lookups_total", { assay_outcome: "hit" })).toBe(2);
    expect(metrics.value("assay_remembered_tokens_lookups_total", { assay_outcome: "miss" })).toBe(2);
    expect(metrics.value("assay_remembered_tokens_held")).toBe(1);
    expect(metrics.value("assay_remembered_tokens_memory_bytes")).toBeGreaterThan(0);
  });

  test("what was counted of remembered tokens stays when a reload makes their memory anew", async () => {
    const server = await startServer({ telemetry });
    const client = server.client();
    const { access_token: token } = await client.issue({ mint: MINT });
    for (let seen = 0; seen < 3; seen++) await client.introspect({ token });
    await server.reload({ telemetry, dpop: { max_age: "30s" } });
    expect((await metricsOf(server)).value("assay_remembered_tokens_held")).toBe(0);
    await client.introspect({ token });

    const metrics = await metricsOf(server);
    expect(metrics.value("assay_remembered_tokens_lookups_total", { assay_outcome: "hit" })).toBe(2);
    expect(metrics.value("assay_remembered_tokens_lookups_total", { assay_outcome: "miss" })).toBe(2);
  });

  test("refresh tokens are counted by what became of them, and a theft is a signal by kind", async () => {
    const server = await startServer({ telemetry });
    const client = server.client();
    const { refresh_token: first = "" } = await client.issue({ mint: MINT });
    const refresh = (token: string) => client.issue({ refresh: { refresh_token: token, client_id: "web" } });
    const { refresh_token: second = "" } = await refresh(first);
    await refresh(first);
    await refresh(second);
    await failureOf(refresh(first));
    await failureOf(refresh(second));
    await failureOf(refresh("nonsense"));

    const metrics = await metricsOf(server);
    const ends = metrics.samples.filter(({ name }) => name === "assay_rotations_total");
    expect(Object.fromEntries(ends.map(({ labels, value }) => [labels["assay_outcome"], value]))).toEqual({
      rotated: 2,
      retried: 1,
      stale_generation: 1,
      dead: 1,
      refused: 1,
    });
    const reuse = { assay_signal_kind: "refresh_token_reuse", assay_signal_severity: "critical" };
    expect(metrics.value("assay_signals_total", reuse)).toBe(1);
  });

  test("questions to the store are measured by operation, and a revocation by how long it took to be known", async () => {
    const server = await startServer({ telemetry });
    const client = server.client();
    const { sid } = await client.issue({ mint: MINT });
    await client.revoke({ sid });

    const count = "assay_store_operation_duration_seconds_count";
    const metrics = await eventually("the revocation has come through the log", async () => {
      const now = await metricsOf(server);
      return now.value("assay_revocations_propagation_seconds_count") === 1 ? now : undefined;
    });
    for (const operation of ["families.create", "revocations.append"]) {
      expect(metrics.value(count, { assay_store_kind: "sqlite", assay_store_operation: operation })).toBe(1);
    }
    expect(metrics.value("assay_revocations_live")).toBe(1);
    expect(metrics.value("assay_revocations_memory_bytes")).toBeGreaterThan(0);
    expect(metrics.value("assay_revocations_staleness_seconds")).toBeLessThan(60);
  });

  test("a verifier measures what it asks of its authority", async () => {
    const authority = await startAuthority();
    const verifier = await startVerifier([authority.address], { telemetry });
    const { access_token: token } = await authority.client(issuer).issue({ mint: { ...MINT, format: "OPAQUE" } });
    expect(await verifier.client(service).introspect({ token })).toMatchObject({ active: true });

    const asked = { assay_store_kind: "authority", assay_store_operation: "recognise" };
    const metrics = await metricsOf(verifier);
    expect(metrics.value("assay_store_operation_duration_seconds_count", asked)).toBe(1);
  });
});

test("every gauge says how those of several processes add up", async () => {
  const server = await startServer({ telemetry });
  const gauges = [...(await metricsOf(server)).types].flatMap(([name, type]) => (type === "gauge" ? [name] : []));
  const told = new Set(
    Object.keys(HOW_GAUGES_ADD_UP).flatMap((name) =>
      ["", "s", "By"].map((unit) => prometheusName({ name, unit, kind: "gauge" })),
    ),
  );
  expect(gauges.length).toBeGreaterThan(4);
  expect(gauges.filter((name) => !told.has(name))).toEqual([]);
});

test("whatever callers send, there are no more series", async () => {
  const limited = testCaller({ name: "limited", permissions: ["introspect"], audiences: [API] });
  const server = await startServer({ telemetry, development: false, callers: [limited.entry] });
  const client = server.client({ secret: limited.secret });
  const stranger = server.client({ secret: "asy_cs_unknown" });
  const seriesAfter = async (round: number): Promise<number> => {
    for (let count = 0; count < 25; count++) {
      const unlike = `${round}-${count}`;
      await failureOf(client.introspect({ token: unlike, audience: [`https://${unlike}.example`] }));
      await failureOf(stranger.introspect({ token: unlike }));
      await failureOf(client.raw("Introspect", Buffer.from(`\xff${unlike}`, "latin1")));
      await callUnknown(server.address, `/assay.v1.TokenService/Method${unlike}`);
      await client.introspect({ token: `eyJ${unlike}.e30.${unlike}` });
    }
    return (await metricsOf(server)).samples.length;
  };
  const [first, second] = [await seriesAfter(1), await seriesAfter(2)];
  expect(second).toBe(first);
});

test("no token, subject or address is told, but every kind of metric is", async () => {
  const server = await startServer({ telemetry });
  const client = server.client();
  const { access_token: token, refresh_token: refresh = "", sid } = await client.issue({ mint: MINT });
  await client.introspect({ token, context: { client_ip: "203.0.113.77", user_agent: "Agent/9" } });
  await client.issue({ refresh: { refresh_token: refresh, client_id: "web", context: { client_ip: "203.0.113.78" } } });
  await client.revoke({ subject: { sub: SUBJECT } });
  await client.introspect({ token });
  await client.issue({}).catch(() => undefined);

  const { text, types } = await metricsOf(server);
  const secrets = [token, token.slice(-40), refresh, sid, SUBJECT, "203.0.113", "Agent/9", "127.0.0.1", process.argv0];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expect(text).not.toContain("target_info");
  expect(types.size).toBeGreaterThan(9);
});

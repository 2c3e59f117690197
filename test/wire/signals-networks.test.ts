/** A token that is spread over the world is found, though each process sees too little of it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestClient } from "../support/client.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, startServer } from "../support/server.ts";
import type { TestSignalWatch } from "../support/signal-watch.ts";
import { addresses } from "./away.ts";
import { twoInstances } from "./bound-client.ts";
import { serveWithCrew, two } from "./crew.ts";

const FOUND = { kind: "token_in_many_networks", severity: "SIGNAL_SEVERITY_WARNING" };
const NETWORKS = 8;
const settings = { signals: { detectors: { token_in_many_networks: { networks: NETWORKS } } } };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.remove());

async function tokenOf(client: TestClient, clientId = "web"): Promise<string> {
  const mint = { client_id: clientId, subject: "alice", audience: [API], context: { client_ip: "192.0.2.7" } };
  return (await client.issue({ mint })).access_token;
}

async function usedFrom(client: TestClient, token: string, networks: readonly string[]): Promise<void> {
  for (const address of networks)
    expect(await client.introspect({ token, context: { client_ip: address } })).toMatchObject({ active: true });
}

/** By each of the two from fewer networks than it takes, and from enough together. */
async function spread([one, other]: readonly [TestClient, TestClient], clientId?: string): Promise<void> {
  const token = await tokenOf(one, clientId);
  await usedFrom(one, token, addresses(NETWORKS - 2));
  await usedFrom(other, token, addresses(NETWORKS - 2, 100));
}

async function toldOf(watch: TestSignalWatch) {
  const told = await watch.tells({ kind: FOUND.kind });
  const details = watch.told().flatMap(({ kind, detail }) => (kind === FOUND.kind ? [detail] : []));
  return { told, details };
}

test("over two instances on one Redis", async () => {
  const [one, other] = await twoInstances(redis, settings);
  const clients = [one.client(), other.client()] as const;
  const watch = clients[0].watchSignals();
  await watch.begun();
  await spread(clients);
  const { told, details } = await toldOf(watch);
  expect(told).toMatchObject({ ...FOUND, detail: "deployment", client_id: "web", window: { seconds: 3_600 } });
  expect(told.count).toBeGreaterThanOrEqual(NETWORKS);
  expect(new Set(details)).toEqual(new Set(["deployment"]));
});

test("over two workers", async () => {
  const env = { ASSAY_SIGNALS_DETECTORS_TOKEN_IN_MANY_NETWORKS_NETWORKS: String(NETWORKS) };
  const { first, second } = await two(await serveWithCrew(2, { env }));
  const watch = first.watchSignals();
  await watch.begun();
  await spread([first, second], "dev");
  const { told, details } = await toldOf(watch);
  expect(told).toMatchObject({ ...FOUND, detail: "deployment", client_id: "dev" });
  expect(new Set(details)).toEqual(new Set(["deployment"]));
});

test("in one process, from as many networks as it takes, and not from one fewer", async () => {
  const client = (await startServer(settings)).client();
  const watch = client.watchSignals();
  await watch.begun();
  const [few, enough] = [await tokenOf(client), await tokenOf(client)];
  await usedFrom(client, few, addresses(NETWORKS - 3));
  await usedFrom(client, enough, addresses(3 * NETWORKS));
  const { told } = await toldOf(watch);
  expect(told).toMatchObject(FOUND);
  const fingerprints = watch.told().flatMap((one) => (one.kind === FOUND.kind ? [one.token_fingerprint] : []));
  expect(new Set(fingerprints).size).toBe(1);
});

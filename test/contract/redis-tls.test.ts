/** Connections to a Redis: TLS, users, IPv6, and what is refused in the clear. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { REVOCATIONS } from "../../src/store/redis/keys.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { type Certificates, type KeyPair, makeCertificates, selfSigned } from "../support/certificates.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { freePort } from "../support/redis-process.ts";
import { startRedisSentinel } from "../support/redis-sentinel.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { digest, revocation } from "./store-under-test.ts";

/** Kept for documentation (RFC 5737): nobody answers there. */
const ELSEWHERE = "192.0.2.1";

/** All that docs/store.md asks for. */
const ALLOWED =
  "-@all +@read +@write +@scripting +@connection -@dangerous +info +config|get +wait +time +asking +cluster|slots +cluster|info".split(
    " ",
  );

let certificates: Certificates;
let client: KeyPair;
let port: number;
let redis: RedisServer;
const undone: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const undo of undone.toReversed()) await undo();
});
beforeAll(async () => {
  const directory = await temporaryDirectory((undo) => void undone.push(undo));
  certificates = await makeCertificates(directory);
  client = await certificates.client("DNS:assay");
  port = await freePort();
  const { certificateFile, keyFile } = certificates.server;
  const files = [
    "--tls-cert-file",
    certificateFile,
    "--tls-key-file",
    keyFile,
    "--tls-ca-cert-file",
    certificates.caFile,
  ];
  const both = ["--bind", "127.0.0.1", "::1"];
  redis = await startRedisServer({
    extra: [...both, "--tls-port", String(port), "--tls-auth-clients", "yes", ...files],
  });
  await redis.admin.acl("SETUSER", "assay", "on", ">p@ss", "~assay:*", ...ALLOWED);
  undone.push(() => redis.remove());
});

async function open(url: string, changes: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const store = await openRedisStore({ ...redisOptions(url), ...changes });
  onTestFinished(() => store.close());
  return store;
}

function own(): { ca: string; cert: string; key: string } {
  return { ca: certificates.ca, cert: client.certificate, key: client.key };
}

/** The part of it that matches. */
async function problemOf(store: Store, pattern: RegExp): Promise<string | undefined> {
  const [part] = await until(
    `the problem is ${pattern}`,
    async () => (await store.problem())?.match(pattern) ?? undefined,
  );
  return part;
}

async function takesWrites(store: Store): Promise<boolean> {
  const { durability } = await store.revocations.append(revocation());
  return durability === "local" && (await store.networks.count(digest(), digest(), 60_000)) === 1;
}

test.each(["localhost", "127.0.0.1", "[::1]"])("TLS with a client certificate and an ACL user, to %s", async (host) => {
  const store = await open(`rediss://assay:p%40ss@${host}:${port}`, { tls: own() });
  expect(await takesWrites(store)).toBe(true);
});

test("a certificate of another authority is refused", async () => {
  const { certificate } = await selfSigned(await temporaryDirectory(), "other");
  const store = await open(`rediss://assay:p%40ss@localhost:${port}`, { tls: { ...own(), ca: certificate } });
  expect(await problemOf(store, /self-signed certificate|unable to verify/)).toBeDefined();
});

test("a certificate is compared with the name that is configured, where there is one", async () => {
  const url = `rediss://assay:p%40ss@127.0.0.1:${port}`;
  expect(
    await problemOf(await open(url, { tls: { ...own(), servername: "redis.example" } }), /redis\.example/),
  ).toBeDefined();
  const store = await open(url, { tls: { ...own(), servername: "localhost" } });
  expect(await takesWrites(store)).toBe(true);
});

test("plaintext over IPv6 on loopback", async () => {
  const store = await open(`redis://assay:p%40ss@[::1]:${redis.port}`);
  expect(await takesWrites(store)).toBe(true);
});

test("plaintext off loopback is refused at the connection, too, and no password is sent or shown", async () => {
  const store = await open(`redis://assay:hush@${ELSEWHERE}:6379`);
  const problem = (await store.problem()) ?? "";
  expect(problem).toMatch(/192\.0\.2\.1:6379 would get everything in the clear: use rediss/);
  expect(problem).not.toContain("hush");
});

test("a primary off loopback that Sentinels announce is not talked to in the clear", async () => {
  const sentinel = await startRedisSentinel({ replicas: 0 });
  onTestFinished(() => sentinel.remove());
  await sentinel.announceElsewhere("elsewhere", ELSEWHERE);
  const store = await open(sentinel.url.replace(/\/\w+$/, "/elsewhere"));
  expect(await problemOf(store, /192\.0\.2\.1:6379 would get everything in the clear/)).toBeDefined();
});

test("a node off loopback that a Cluster announces is not talked to in the clear", async () => {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.remove());
  const holder = await cluster.holderOf(REVOCATIONS.log);
  await Promise.all(cluster.nodes.map(({ admin }) => admin.config("SET", "cluster-announce-ip", ELSEWHERE)));
  // A node takes its own new address over within a moment, and hears of the others' later.
  const announced = `"${ELSEWHERE}",${holder.port},`;
  const places = async (): Promise<string> => JSON.stringify(await holder.admin.cluster("SLOTS"));
  await until("it is announced", async () => (await places()).includes(announced) || undefined);
  const store = await open(`redis+cluster://127.0.0.1:${holder.port}`);
  expect(await problemOf(store, /192\.0\.2\.1:\d+ would get everything in the clear/)).toBeDefined();
});

test("a user and a password of the Sentinels' own", async () => {
  const sentinel = await startRedisSentinel({ replicas: 0 });
  onTestFinished(() => sentinel.remove());
  await sentinel.letInOnly("asker", "sentinel-secret");
  const store = await open(sentinel.url, { sentinelUsername: "asker", sentinelPassword: "sentinel-secret" });
  expect(await takesWrites(store)).toBe(true);
  const refused = await open(sentinel.url);
  expect(await problemOf(refused, /no Sentinel names the primary assay: NOAUTH/)).toBeDefined();
});

/** A primary, its replicas and their Sentinels on this machine, quick to fail over. Each server stands behind a proxy of its own. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { type RedisProcess, startRedisProcess } from "./redis-process.ts";
import { SAFE } from "./redis-server.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

/** `port` is the server's own; everyone else (clients, replicas, Sentinels) gets to it by `proxy`, which is what is announced. */
export type SentinelNode = RedisProcess & { proxy: TcpProxy; admin: Redis };

export type Sentinel = RedisProcess & {
  /** Makes a replica the primary, which is demoted while it runs. */
  failover(): Promise<void>;
};

export type SentinelDeployment = {
  /** Names all Sentinels. */
  url: string;
  nodes: readonly SentinelNode[];
  sentinels: readonly Sentinel[];
  /** The node that the Sentinels name, asked of the first that can answer. */
  primary(): Promise<SentinelNode>;
  /** The others, connected or not. */
  replicas(): Promise<readonly SentinelNode[]>;
  /** Resolves once most Sentinels name another primary than this, which leads. */
  failedOver(from: SentinelNode): Promise<SentinelNode>;
  /** Makes the Sentinels name a primary on another machine, by a name of its own. Port 6379. */
  announceElsewhere(name: string, host: string): Promise<void>;
  /** From now on the Sentinels let only this user in, to ask for the primary. */
  letInOnly(user: string, password: string): Promise<void>;
  /** Ends everything and removes its data. */
  remove(): Promise<void>;
};

const MASTER = "assay";
const HOST = "127.0.0.1";
const DOWN_AFTER_MS = 700;
const FAILOVER_TIMEOUT_MS = 3_000;
/** Sentinels look at each other only every few seconds by default. */
const QUICK = ["info-period", "200", "publish-period", "200", "ping-period", "100", "ask-period", "100"];

export async function startRedisSentinel({ replicas = 2, sentinels: count = 3 } = {}): Promise<SentinelDeployment> {
  const dir = await mkdtemp(join(tmpdir(), "assay-sentinel-"));
  const nodes: SentinelNode[] = [];
  const sentinels: Sentinel[] = [];
  const admins: Redis[] = [];

  async function remove(): Promise<void> {
    [...admins, ...nodes.map(({ admin }) => admin)].forEach((one) => one.disconnect());
    await Promise.all([...sentinels, ...nodes].map((one) => one.end("SIGKILL")));
    await Promise.all(nodes.map(({ proxy }) => proxy.close()));
    await rm(dir, { recursive: true, force: true });
  }

  async function primary(): Promise<SentinelNode> {
    const node = await Promise.any(admins.map((admin) => namedBy(admin, nodes)));
    if (node === undefined) {
      throw new Error("the Sentinels name no node of ours");
    }
    return node;
  }

  try {
    for (let place = 0; place <= replicas; place += 1) {
      nodes.push(await startNode(join(dir, `node-${place}`), nodes[0]?.proxy.port));
    }
    const [first] = nodes;
    if (first === undefined) {
      throw new Error("there is a first node");
    }
    await connectedReplicas(first.admin, replicas);
    for (let place = 0; place < count; place += 1) {
      const sentinel = await startSentinel(
        join(dir, `sentinel-${place}.conf`),
        first.proxy.port,
        Math.floor(count / 2) + 1,
      );
      const admin = await adminOf(sentinel.port);
      admins.push(admin);
      sentinels.push({ ...sentinel, failover: async () => void (await admin.call("SENTINEL", "FAILOVER", MASTER)) });
    }
    await Promise.all(admins.map((admin) => admin.call("SENTINEL", "DEBUG", ...QUICK)));
    await Promise.all(admins.map((admin) => knowsAll(admin, { replicas, others: count - 1 })));
  } catch (error) {
    await remove();
    throw error;
  }

  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `${HOST}:${port}`).join(",")}/${MASTER}`,
    nodes,
    sentinels,
    primary,
    replicas: async () => {
      const leading = await primary();
      return nodes.filter((node) => node !== leading);
    },
    failedOver: (from) =>
      until(
        "most Sentinels name another primary, which leads",
        async () => {
          const named = await Promise.all(admins.map((admin) => namedBy(admin, nodes).catch(() => undefined)));
          const other = named.find((node) => node !== undefined && node !== from);
          const agreed = other !== undefined && named.filter((node) => node === other).length > admins.length / 2;
          return agreed && (await roleOf(other.admin)) === "master" ? other : undefined;
        },
        25_000,
      ),
    announceElsewhere: async (name, host) => {
      await Promise.all(admins.map((admin) => admin.call("SENTINEL", "MONITOR", name, host, 6379, 1)));
    },
    letInOnly: async (user, password) => {
      const rules = ["on", `>${password}`, "-@all", "+sentinel|master"];
      await Promise.all(admins.map((admin) => admin.call("ACL", "SETUSER", user, ...rules)));
      await Promise.all(admins.map((admin) => admin.call("ACL", "SETUSER", "default", "resetpass")));
    },
    remove,
  };
}

async function startNode(dir: string, primary: number | undefined): Promise<SentinelNode> {
  await mkdir(dir);
  let proxy: TcpProxy | undefined;
  const server = await startRedisProcess(async (port) => {
    proxy ??= await startTcpProxy(port);
    const basics = ["--port", String(port), "--bind", HOST, "--dir", dir, "--logfile", join(dir, "redis.log"), ...SAFE];
    const announced = ["--replica-announce-ip", HOST, "--replica-announce-port", String(proxy.port)];
    const quick = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", "--repl-timeout", "3"];
    const leader = primary === undefined ? [] : ["--replicaof", HOST, String(primary)];
    return [...basics, ...announced, ...quick, ...leader];
  });
  if (proxy === undefined) {
    throw new Error("a node has a proxy");
  }
  return { ...server, proxy, admin: await adminOf(server.port) };
}

/** Its own configuration is a file, which it rewrites. */
async function startSentinel(file: string, primary: number, quorum: number): Promise<RedisProcess> {
  return startRedisProcess(async (port) => {
    const lines = [
      `port ${port}`,
      `bind ${HOST}`,
      `sentinel monitor ${MASTER} ${HOST} ${primary} ${quorum}`,
      `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER} ${FAILOVER_TIMEOUT_MS}`,
      `sentinel parallel-syncs ${MASTER} 2`,
    ];
    // At a restart it goes on with what it knows.
    await writeFile(file, `${lines.join("\n")}\n`, { flag: "wx" }).catch(() => undefined);
    return [file, "--sentinel"];
  });
}

async function adminOf(port: number): Promise<Redis> {
  const quick = { retryStrategy: () => 50, enableReadyCheck: false, commandTimeout: 1_000, protocol: 2 } as const;
  const admin = new Redis({ host: HOST, port, ...quick });
  admin.on("error", () => undefined);
  await until("the server takes questions", () => (admin.status === "ready" ? true : undefined));
  return admin;
}

async function connectedReplicas(admin: Redis, wanted: number): Promise<void> {
  await until("the replicas are connected", async () => {
    const online = (await admin.info("replication")).match(/state=online/g) ?? [];
    return online.length >= wanted ? true : undefined;
  });
}

async function knowsAll(admin: Redis, wanted: { replicas: number; others: number }): Promise<void> {
  await until("a Sentinel knows the replicas and the other Sentinels", async () => {
    const fields = await masterOf(admin);
    const isDone =
      Number(fields.get("num-slaves")) >= wanted.replicas && Number(fields.get("num-other-sentinels")) >= wanted.others;
    return isDone ? true : undefined;
  });
}

async function namedBy(admin: Redis | undefined, nodes: readonly SentinelNode[]): Promise<SentinelNode | undefined> {
  const fields = admin && (await masterOf(admin));
  return nodes.find(({ proxy }) => String(proxy.port) === fields?.get("port"));
}

async function masterOf(admin: Redis): Promise<Map<unknown, unknown>> {
  const reply: unknown = await admin.call("SENTINEL", "MASTER", MASTER);
  const flat: readonly unknown[] = Array.isArray(reply) ? reply : [];
  return new Map(flat.flatMap((name, place) => (place % 2 === 0 ? [[name, flat[place + 1]] as const] : [])));
}

async function roleOf(admin: Redis): Promise<string | undefined> {
  return /^role:(\w+)/m.exec(await admin.info("replication"))?.[1];
}

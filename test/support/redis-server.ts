/** A real redis-server on a free port of this machine, with its data in a folder of its own that goes with it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { recordEmitted } from "./leaks/record.ts";
import { until } from "./until.ts";

export type RedisServer = {
  url: string;
  port: number;
  /** A client for the test's own questions. */
  admin: Redis;
  /** SIGTERM: the data is kept for `restart`. */
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: the sockets stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts again on the same port and the same data. */
  restart(): Promise<void>;
  /** Closes the connections of everyone but `admin`. */
  disconnectClients(): Promise<void>;
  /** Every key and value, and every byte of the files on disk. */
  dump(): Promise<Buffer>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
};

export type RedisServerOptions = {
  /** As Assay demands it: appendfsync always, noeviction. Else Redis's own defaults. */
  safe?: boolean;
  /** Further lines for the command line, such as `["--maxmemory", "4mb"]`. */
  extra?: readonly string[];
};

const SAFE = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];
const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

export async function startRedisServer({ safe = true, extra = [] }: RedisServerOptions = {}): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), "assay-redis-"));
  const args = [
    "--bind",
    "127.0.0.1",
    "--dir",
    dir,
    "--logfile",
    join(dir, "redis.log"),
    ...(safe ? SAFE : []),
    ...extra,
  ];
  let { child, port } = await startOnFreePort(args);
  const admin = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 50 });
  admin.on("error", () => undefined);

  async function end(signal: NodeJS.Signals): Promise<void> {
    child.kill("SIGCONT");
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    }
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    admin,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async restart() {
      child = await until("redis-server runs again", () => start(args, port));
    },
    async disconnectClients() {
      await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    },
    dump: async () => Buffer.concat([...(await values(admin)), ...(await files(dir))]),
    async remove() {
      child.kill("SIGCONT");
      const held = admin.status === "ready" ? await values(admin).catch(() => []) : [];
      for (const bytes of [...held, ...(await files(dir))]) recordEmitted("store dump", bytes);
      admin.disconnect();
      await end("SIGKILL");
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago may be taken by another test meanwhile: then another is tried. */
async function startOnFreePort(args: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  return until("redis-server runs on a free port", async () => {
    const port = await freePort();
    const child = await start(args, port);
    return child && { child, port };
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new Error("a TCP server has a port");
  }
  return address.port;
}

/** @returns undefined when the server ended at once, since its port is taken, say. */
async function start(args: readonly string[], port: number): Promise<ChildProcess | undefined> {
  const child = spawn("redis-server", ["--port", String(port), ...args], { stdio: "ignore" });
  running.add(child);
  const ended = once(child, "exit").then(() => {
    running.delete(child);
    return true;
  });
  const ready = until("redis-server answers", async () => ((await answers(port, child.pid)) ? true : undefined));
  const first = await Promise.race([ended.then(() => undefined), ready.then(() => child)]);
  ready.catch(() => undefined);
  return first;
}

/** Whether this very process answers on the port, its data loaded. */
async function answers(port: number, pid: number | undefined): Promise<boolean> {
  const client = new Redis({
    host: "127.0.0.1",
    port,
    lazyConnect: true,
    retryStrategy: () => null,
    enableReadyCheck: false,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const info = await client.info();
    return info.includes(`process_id:${pid}\r`) && info.includes("loading:0\r");
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function values(admin: Redis): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (const key of await admin.keysBuffer("*")) {
    found.push(key, ...flatten(await read(admin, key)));
  }
  return found;
}

async function read(admin: Redis, key: Buffer): Promise<unknown> {
  switch (await admin.type(key)) {
    case "string":
      return admin.getBuffer(key);
    case "hash":
      return [await admin.hkeysBuffer(key), await admin.hvalsBuffer(key)];
    case "zset":
      return admin.zrangeBuffer(key, "0", "-1");
    case "stream":
      return admin.xrangeBuffer(key, "-", "+");
    case "set":
      return admin.smembersBuffer(key);
    default:
      return admin.lrangeBuffer(key, 0, -1);
  }
}

function flatten(reply: unknown): Buffer[] {
  if (Array.isArray(reply)) {
    return reply.flatMap(flatten);
  }
  return Buffer.isBuffer(reply) ? [reply] : [];
}

async function files(dir: string): Promise<Buffer[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}

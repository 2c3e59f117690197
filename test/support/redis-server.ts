/** A real redis-server on a free port of this machine, with its data in a folder of its own that goes with it. */
import { cp, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { recordEmitted } from "./leaks/record.ts";
import { startRedisProcess } from "./redis-process.ts";
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
  /** Copies its files, as a backup would. Resolves to what stops it, puts them in the place of the present ones, and starts it. */
  backUp(): Promise<() => Promise<void>>;
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
  /** Where the folder for its data is made. */
  within?: string;
  /** For its process, besides this process's own. */
  environment?: Readonly<Record<string, string>>;
};

/** As Assay demands it. */
export const SAFE = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];

export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { safe = true, extra = [], within = tmpdir(), environment } = options;
  const dir = await mkdtemp(join(within, "assay-redis-"));
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
  const server = await startRedisProcess((port) => ["--port", String(port), ...args], environment);
  const { port } = server;
  const admin = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 50 });
  admin.on("error", () => undefined);
  const copies: string[] = [];

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    admin,
    stop: () => server.end("SIGTERM"),
    kill: () => server.end("SIGKILL"),
    pause: server.pause,
    resume: server.resume,
    restart: server.restart,
    async backUp() {
      const copy = await mkdtemp(join(tmpdir(), "assay-redis-backup-"));
      copies.push(copy);
      await cp(dir, copy, { recursive: true });
      return async () => {
        await server.end("SIGTERM");
        await rm(dir, { recursive: true, force: true });
        await rename(copy, dir);
        await server.restart();
        await until("the test's client is back", () => admin.status === "ready" || undefined);
      };
    },
    async disconnectClients() {
      await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    },
    dump: async () => Buffer.concat([...(await values(admin)), ...(await files(dir))]),
    async remove() {
      server.resume();
      const held = admin.status === "ready" ? await values(admin).catch(() => []) : [];
      for (const bytes of [...held, ...(await files(dir))]) recordEmitted("store dump", bytes);
      admin.disconnect();
      await server.end("SIGKILL");
      for (const folder of [dir, ...copies]) {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
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
  const contents = entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name)).catch(unlessRenamed));
  return Promise.all(contents);
}

/** Redis renames what it has rewritten. */
function unlessRenamed(error: NodeJS.ErrnoException): Buffer {
  if (error.code === "ENOENT") return Buffer.alloc(0);
  throw error;
}

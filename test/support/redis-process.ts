/** One process of redis-server: a store, a Sentinel or a node of a Cluster. Ends with the test's own process at the latest. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { until } from "./until.ts";

export type RedisProcess = {
  port: number;
  /** Ends it, also when it is paused. Its data stays. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** SIGSTOP and SIGCONT: the sockets stay open and nothing answers. */
  pause: () => void;
  resume: () => void;
  /** Starts again on the same port and the same data. */
  restart: () => Promise<void>;
};

/** The port is the process's first argument; others may need it, too. */
export type ArgumentsFor = (port: number) => readonly string[] | Promise<readonly string[]>;

const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/**
 * A port that was free a moment ago may be taken by another test meanwhile: then another is tried.
 * @param environment besides this process's own
 */
export async function startRedisProcess(
  argumentsFor: ArgumentsFor,
  environment: Readonly<Record<string, string>> = {},
): Promise<RedisProcess> {
  let { child, port } = await until("redis-server runs on a free port", async () => {
    const free = await freePort();
    const started = await start(await argumentsFor(free), free, environment);
    return started && { child: started, port: free };
  });
  return {
    port,
    async end(signal) {
      child.kill("SIGCONT");
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, "exit");
        child.kill(signal);
        await exited;
      }
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async restart() {
      child = await until("redis-server runs again", async () => start(await argumentsFor(port), port, environment));
    },
  };
}

export async function freePort(): Promise<number> {
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
async function start(
  parameters: readonly string[],
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<ChildProcess | undefined> {
  const child = spawn("redis-server", [...parameters], { stdio: "ignore", env: { ...process.env, ...environment } });
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
    return info.includes(`process_id:${pid}\r`) && !info.includes("loading:1\r");
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** `assay serve` with several workers: real processes, and connections of a test's own to each of them. */
import { randomUUID } from "node:crypto";
import { Metadata } from "@grpc/grpc-js";
import { onTestFinished, vi } from "vitest";
import { type ClientOptions, openClient, type TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { serveByCli, type ServedByCli } from "./cli-server.ts";

// Several processes start in each test, one of them after another.
vi.setConfig({ testTimeout: 90_000 });

export type LogLine = Readonly<Record<string, unknown>>;

export type ServedByCrew = ServedByCli & {
  log(): LogLine[];
  /** The process that has served last under each number. */
  pids(): Map<number, number>;
  /** A client with a connection of its own. */
  connect(options?: ClientOptions): TestClient;
  /** The number of the worker that a client's connection is with. */
  workerOf(client: TestClient): Promise<number>;
  /** A client for each worker, by its number. */
  connectToEach(options?: ClientOptions): Promise<Map<number, TestClient>>;
};

/** Stopped when the test has finished. What waits for the store or for another worker has seconds: the machine may be busy. */
export async function serveWithCrew(
  workers: number,
  { yaml, env }: { yaml?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<ServedByCrew> {
  const served = await serveByCli({
    withinMs: 45_000,
    ...(yaml === undefined ? {} : { yaml }),
    env: { ASSAY_WORKERS: String(workers), ASSAY_LOG_FORMAT: "json", ASSAY_STORE_TIMEOUT: "5s", ...env },
  });
  const log = (): LogLine[] => linesOf(served.printed.stdout);
  const pids = (): Map<number, number> =>
    new Map(log().flatMap(({ msg, worker, pid }) => (msg === "serving" ? [[Number(worker), Number(pid)]] : [])));
  onTestFinished(async () => {
    for (const pid of pids().values()) signal(pid, "SIGCONT");
    served.signal("SIGTERM");
    await served.ended;
  });

  const connect = (options: ClientOptions = {}): TestClient => {
    const client = openClient(served.address, { ...options, ownConnection: true });
    onTestFinished(() => client.close());
    return client;
  };
  const workerOf = async (client: TestClient): Promise<number> => {
    const id = randomUUID();
    const metadata = new Metadata();
    metadata.set("x-request-id", id);
    await client.introspect({ token: "whose connection is this" }, { metadata });
    const line = await eventually("the call is in the log", () => log().find((entry) => entry["request_id"] === id));
    return Number(line["worker"]);
  };
  return {
    ...served,
    log,
    pids,
    connect,
    workerOf,
    async connectToEach(options) {
      const clients = new Map<number, TestClient>();
      return eventually("there is a connection to each worker", async () => {
        const client = connect(options);
        clients.set(await workerOf(client), client);
        return clients.size === workers ? clients : undefined;
      });
    },
  };
}

/** The connections to the first two workers, and their processes. */
export async function two(served: ServedByCrew, options?: ClientOptions) {
  const clients = await served.connectToEach(options);
  const [first, second] = [clients.get(1), clients.get(2)];
  const [firstPid, secondPid] = [served.pids().get(1), served.pids().get(2)];
  if (first === undefined || second === undefined || firstPid === undefined || secondPid === undefined)
    throw new Error("there are two workers");
  return { first, second, firstPid, secondPid };
}

/** To a process that may have ended. @returns whether it was there */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function linesOf(text: string): LogLine[] {
  const lines: LogLine[] = [];
  // The last may not be whole yet.
  for (const line of text.split("\n").slice(0, -1)) {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) lines.push({ ...value });
  }
  return lines;
}

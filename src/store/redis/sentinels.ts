import { Redis } from "ioredis";
import { backOff, type ClientOptions } from "./client.ts";
import { connectorBy } from "./connector.ts";
import { messageOf } from "./redis-error.ts";
import type { Place } from "./redis-url.ts";

export type SentinelOptions = ClientOptions & {
  name: string;
  username?: string | undefined;
  password?: string | undefined;
};

/** What a Sentinel says of the primary. */
export type SentinelAnswer = {
  primary: Place;
  /** How many replicas it knows, connected or not. */
  replicas: number;
  /** Raised by each failover. */
  epoch: number;
  quorum: number;
  /** How many Sentinels there are. */
  sentinels: number;
};

export type Sentinels = {
  /** Asks all of them now. @throws Error when none answers */
  ask(): Promise<SentinelAnswer>;
  /** Told who leads, a few times within a second. */
  watch(leads: (primary: Place) => void): void;
  stop(): void;
};

const INTERVAL_MS = 500;
const TIMEOUT_MS = 500;

/**
 * All Sentinels are asked at once, and who knows of the latest failover is believed: one that is cut off with the former primary
 * names that one for as long as the partition lasts.
 */
export function startSentinels(options: SentinelOptions): Sentinels {
  const clients = options.target.places.map((place) => sentinelClient(options, place));
  let timer: NodeJS.Timeout | undefined;

  async function ask(): Promise<SentinelAnswer> {
    const asked = await Promise.allSettled(clients.map((client) => answerOf(client, options.name)));
    const answers = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const [latest] = answers.toSorted((one, other) => other.epoch - one.epoch);
    if (latest === undefined) {
      const [because] = asked.flatMap((one) => (one.status === "rejected" ? [messageOf(one.reason)] : []));
      throw new Error(`no Sentinel names the primary ${options.name}: ${because}`);
    }
    return latest;
  }

  return {
    ask,
    watch(leads) {
      async function look(): Promise<void> {
        leads((await ask()).primary);
      }
      // While none answers, whoever was named last is kept.
      timer = setInterval(() => void look().catch(() => undefined), INTERVAL_MS).unref();
    },
    stop() {
      clearInterval(timer);
      for (const client of clients) {
        client.disconnect();
      }
    },
  };
}

function sentinelClient({ transport, username, password }: SentinelOptions, place: Place): Redis {
  const client = new Redis({
    ...place,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(transport.tls === undefined ? {} : { tls: transport.tls }),
    Connector: connectorBy(transport),
    // What is asked at a start waits for the connection, within its time limit.
    maxRetriesPerRequest: 0,
    commandTimeout: TIMEOUT_MS,
    connectTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    retryStrategy: backOff,
    enableReadyCheck: false,
    protocol: 2,
    connectionName: "assay",
  });
  // Each question fails by itself.
  client.on("error", () => undefined);
  return client;
}

/** SENTINEL MASTER: names and values in turn. */
async function answerOf(client: Redis, name: string): Promise<SentinelAnswer> {
  const reply: unknown = await client.call("SENTINEL", "MASTER", name);
  const fields = new Map<unknown, unknown>();
  if (Array.isArray(reply)) {
    for (let place = 0; place + 1 < reply.length; place += 2) {
      fields.set(reply[place], reply[place + 1]);
    }
  }
  const host = fields.get("ip");
  const port = Number(fields.get("port"));
  if (typeof host !== "string" || !Number.isInteger(port)) {
    throw new Error("the answer of a Sentinel names no place");
  }
  return {
    primary: { host, port },
    replicas: Number(fields.get("num-slaves")),
    epoch: Number(fields.get("config-epoch")),
    quorum: Number(fields.get("quorum")),
    sentinels: Number(fields.get("num-other-sentinels")) + 1,
  };
}

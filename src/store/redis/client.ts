import { Cluster, Redis, type RedisOptions } from "ioredis";
import { connectorBy, type Transport } from "./connector.ts";
import type { Place, RedisTarget } from "./redis-url.ts";
import { SCRIPTS } from "./scripts.ts";

export type ClientOptions = {
  target: RedisTarget;
  /** How long one command may take, in milliseconds. */
  timeoutMs: number;
  transport: Transport;
};

const CONNECT_TIMEOUT_MS = 2_000;
/** A connection on which nothing comes back is given up: a partition closes no socket. */
const SILENCE_MS = 5_000;
const GREATEST_BACK_OFF_MS = 2_000;
/** How often a Cluster is asked who holds which slots, beside its redirections, which a partition cuts off. */
const SLOTS_INTERVAL_MS = 1_000;
const SLOTS_TIMEOUT_MS = 500;
const GREATEST_REDIRECTIONS = 8;

/**
 * A client that answers or fails within `timeoutMs`, never queues, never repeats a command, and reconnects for ever.
 * @param locate where the server is now, when it may move. A server that no longer leads is left then.
 */
export function createClient(options: ClientOptions, locate?: () => Promise<Place>): Redis {
  return new Redis({
    ...common(options),
    ...options.target.places[0],
    db: options.target.db,
    Connector: connectorBy(options.transport, locate),
    enableOfflineQueue: false,
    retryStrategy: backOff,
    ...(locate === undefined ? {} : { reconnectOnError: (error: Error) => hasLeft(error.message) }),
  });
}

/** To one node of a Cluster that the Cluster's client does not know yet. What is sent waits until it is connected; what fails ends it. */
export function createNode(options: ClientOptions, place: Place): Redis {
  const Connector = connectorBy(options.transport);
  return quiet(new Redis({ ...common(options), ...place, Connector, retryStrategy: () => null }));
}

/**
 * For reads that block for less than 5 s, without a limit for a command. What is sent waits until it is connected; what fails ends it.
 * @param locate where the server is now, when it may move
 */
export function createBlockingClient(options: ClientOptions, place: Place, locate?: () => Promise<Place>): Redis {
  const { commandTimeout: _, lazyConnect: __, ...rest } = common(options);
  const Connector = connectorBy(options.transport, locate);
  return quiet(new Redis({ ...rest, ...place, db: options.target.db, Connector, retryStrategy: () => null }));
}

/** A Cluster's client. Redirections are followed, since they tell that nothing was done; what may have been done is not repeated. */
export function createCluster(options: ClientOptions): Cluster {
  return new Cluster([...options.target.places], {
    lazyConnect: true,
    enableOfflineQueue: false,
    slotsRefreshInterval: SLOTS_INTERVAL_MS,
    slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
    maxRedirections: GREATEST_REDIRECTIONS,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 20,
    clusterRetryStrategy: backOff,
    redisOptions: { ...common(options), Connector: connectorBy(options.transport) },
    scripts: SCRIPTS,
  });
}

/** When to try again, in milliseconds, with jitter. */
export function backOff(attempt: number): number {
  const delay = Math.min(50 * 2 ** Math.min(attempt, 10), GREATEST_BACK_OFF_MS);
  return delay * (0.75 + Math.random() / 4);
}

/** Each command fails by itself. */
function quiet(client: Redis): Redis {
  return client.on("error", () => undefined);
}

function common({ target, timeoutMs, transport }: ClientOptions): Omit<RedisOptions, "replyMapping"> {
  return {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(transport.tls === undefined ? {} : { tls: transport.tls }),
    lazyConnect: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    maxLoadingRetryTime: GREATEST_BACK_OFF_MS,
    enableAutoPipelining: false,
    // RESP2: the password goes into AUTH alone, and replies are the same for every server and proxy.
    protocol: 2,
    connectionName: "assay",
    scripts: SCRIPTS,
  };
}

/** A primary that was demoted, at once or while a script or WAIT was blocked there. */
function hasLeft(message: string): boolean {
  return /^(?:READONLY|UNBLOCKED|MASTERDOWN)\b/.test(message);
}

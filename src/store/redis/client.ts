import { Redis } from "ioredis";
import type { RedisTarget } from "./redis-url.ts";
import { SCRIPTS } from "./scripts.ts";

const CONNECT_TIMEOUT_MS = 2_000;
/** A connection on which nothing comes back for so long is given up: a partition closes no socket. */
const SILENCE_MS = 5_000;
const GREATEST_BACK_OFF_MS = 2_000;

/** A client that answers or fails within `timeoutMs`, never queues, never repeats a command, and reconnects for ever. */
export function createClient(target: RedisTarget, timeoutMs: number): Redis {
  return new Redis({
    host: target.host,
    port: target.port,
    db: target.db,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: {} } : {}),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    maxLoadingRetryTime: GREATEST_BACK_OFF_MS,
    retryStrategy: backOff,
    enableAutoPipelining: false,
    // RESP2: the password goes into AUTH alone, and replies are the same for every server and proxy.
    protocol: 2,
    connectionName: "assay",
    scripts: SCRIPTS,
  });
}

function backOff(attempt: number): number {
  const delay = Math.min(50 * 2 ** Math.min(attempt, 10), GREATEST_BACK_OFF_MS);
  return delay * (0.75 + Math.random() / 4);
}

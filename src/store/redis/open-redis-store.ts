import type { Redis } from "ioredis";
import type { Clock, Store } from "../../core/ports.ts";
import { StartError } from "../../core/start-error.ts";
import { assess, assessSafety } from "./assess.ts";
import { createClient } from "./client.ts";
import { redisFamilies } from "./families.ts";
import { createGate, type RedisStoreEvent } from "./gate.ts";
import { redisKeyrings } from "./keyrings.ts";
import { redisOpaqueTokens } from "./opaque-tokens.ts";
import { messageOf } from "./redis-error.ts";
import { parseRedisUrl } from "./redis-url.ts";
import { redisReplays } from "./replays.ts";
import { lossOfRevocations, purgeRevocations, redisRevocations, type RevocationsOf } from "./revocations.ts";
import { startServerClock } from "./server-clock.ts";
import { supervise } from "./supervise.ts";

export type RedisStoreOptions = {
  /** See `parseRedisUrl`. */
  url: string;
  /** How long one operation may take before it fails, in milliseconds. */
  timeoutMs: number;
  /** The greatest lifetime of any token that a revocation must outlast, leeway included, in milliseconds. */
  greatestLifetimeMs: number;
  /** Accept a Redis that may lose or evict what it acknowledged. For trials only. */
  allowVolatile: boolean;
  /** The operator attests the settings of a Redis that hides them. */
  attestDurable: boolean;
  log?: (event: RedisStoreEvent) => void;
  /** Redis's own when absent. */
  clock?: Clock;
};

/**
 * The store on a Redis that several instances share. A Redis that cannot be reached gives a closed store that keeps trying:
 * every operation fails with `store_unavailable`, and `problem` says why.
 * @throws StartError when Redis answers but is unsafe, damaged, another version's, or refuses the user
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const target = parseRedisUrl(options.url);
  const { address } = target;
  const redis = createClient(target, options.timeoutMs);
  const gate = createGate(address, options.log ?? (() => undefined));
  const serverClock = startServerClock(() => redis.time());
  const wanted = { ...options, address };
  const supervision = supervise(redis, gate, address, {
    whole: async () => {
      await serverClock.measure();
      return assess(redis, wanted, gate.known());
    },
    safety: () => assessSafety(redis, wanted),
  });

  async function close(): Promise<void> {
    supervision.stop();
    serverClock.stop();
    await disconnect(redis);
  }

  const first = await supervision.first;
  if (first !== undefined && "unfit" in first) {
    await close();
    throw new StartError(first.unfit);
  }

  const of = { redis, gate, clock: options.clock ?? serverClock, address };
  return {
    clock: of.clock,
    revocations: redisRevocations(of),
    families: redisFamilies(of),
    opaqueTokens: redisOpaqueTokens(of),
    replays: redisReplays(redis, gate),
    keyrings: redisKeyrings(of),
    purge: () => purgeRevocations(of),
    problem: () => problem(of),
    close,
  };
}

/** While the gate is open, Redis is asked: it may have gone since. */
async function problem(of: RevocationsOf): Promise<string | undefined> {
  const known = of.gate.problem();
  if (known !== undefined) {
    return known;
  }
  try {
    const loss = await lossOfRevocations(of);
    if (loss !== undefined) {
      of.gate.shut(loss);
    }
    return loss;
  } catch (error) {
    const because = messageOf(error instanceof Error ? error.cause : error);
    return `The Redis at ${of.address} does not answer (${because}). Check it and the network; Assay keeps trying.`;
  }
}

/** Lets replies that are on their way arrive, then hangs up. */
async function disconnect(redis: Redis): Promise<void> {
  try {
    await redis.quit();
  } catch {
    redis.disconnect();
  }
}

import type { Clock, Store } from "../../core/ports.ts";
import { StartError } from "../../core/start-error.ts";
import { adoptStore } from "./adopt-store.ts";
import { assessClock } from "./assess-clock.ts";
import { assessSafety } from "./assess-safety.ts";
import { assess } from "./assess.ts";
import { type ConnectionSettings, createConnections, type RedisConnections } from "./connections.ts";
import { redisFamilies } from "./families.ts";
import { createGate, type RedisStoreEvent } from "./gate.ts";
import { keepNothing } from "./kept.ts";
import { redisKeyrings } from "./keyrings.ts";
import { redisOpaqueTokens } from "./opaque-tokens.ts";
import { redisNetworks } from "./networks.ts";
import { messageOf } from "./redis-error.ts";
import { redisReplays } from "./replays.ts";
import { redisRevocations } from "./revocation-store.ts";
import { lossOfRevocations, purgeRevocations, type RevocationsOf } from "./revocations.ts";
import { redisSignals } from "./signals.ts";
import { startServerClock } from "../server-clock.ts";
import { tellTime } from "./tell-time.ts";
import { supervise } from "./supervise.ts";

export type RedisStoreOptions = ConnectionSettings & {
  /** The greatest lifetime of any token that a revocation must outlast, leeway included, in milliseconds. */
  greatestLifetimeMs: number;
  /** Accept a Redis that may lose or evict what it acknowledged. For trials only. */
  allowVolatile: boolean;
  /** The operator attests the settings of a Redis that hides them. */
  attestDurable: boolean;
  log?: (event: RedisStoreEvent) => void;
  /** Made from the settings when absent. They end with the store. */
  connections?: RedisConnections;
  /** Redis's own when absent. */
  clock?: Clock;
  /** This machine's own when absent: it is compared with that of Redis. */
  wallClock?: Clock;
};

/**
 * The store on a Redis that several instances share. A Redis that cannot be reached gives a closed store that keeps trying:
 * every operation fails with `store_unavailable`, and `problem` says why.
 * @throws StartError when Redis answers but is unsafe, damaged, another version's, or refuses the user
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const connections = options.connections ?? createConnections(options);
  const { address } = connections;
  const log = options.log ?? (() => undefined);
  const gate = createGate(address, log);
  const serverClock = startServerClock(() => tellTime(connections), options.wallClock);
  const clock = options.clock ?? serverClock;
  const { timeoutMs } = options;
  const kept = keepNothing();
  const of = { connections, gate, clock, serverClock, kept, address, timeoutMs, log };
  const wanted = { ...options, address, kept, adopt: (former: string, next: string) => adoptStore(of, former, next) };
  const supervision = supervise(connections, gate, {
    whole: (safety) => assess(connections, wanted, safety, gate.known()),
    safety: async () => (await assessClock(serverClock, address)) ?? assessSafety(connections, wanted),
  });
  const revocations = redisRevocations(of);
  const signals = redisSignals(of);

  async function close(): Promise<void> {
    supervision.stop();
    await Promise.all([revocations.stop(), signals.stop()]);
    await connections.close();
  }

  const first = await supervision.first;
  if (first !== undefined && "unfit" in first) {
    await close();
    throw new StartError(first.unfit);
  }

  return {
    clock,
    revocations,
    families: redisFamilies(of),
    opaqueTokens: redisOpaqueTokens(of),
    replays: redisReplays(of),
    networks: redisNetworks(of),
    keyrings: redisKeyrings(of),
    signals,
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
    const asked = of.gate.known();
    const loss = await lossOfRevocations(of);
    if (loss !== undefined && of.gate.known() === asked) {
      of.gate.shut(loss);
    }
    return loss;
  } catch (error) {
    const because = messageOf(error instanceof Error ? error.cause : error);
    return `The Redis at ${of.address} does not answer (${because}). Check it and the network; Assay keeps trying.`;
  }
}

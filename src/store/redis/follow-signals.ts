import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { SignalFollower } from "../../core/signals/signal-follower.ts";
import { SIGNALS } from "./keys.ts";
import type { RevocationsOf } from "./revocations.ts";
import { decodeSignals, decodeSignalsRead, type SignalEntries } from "./signal-entries.ts";
import { isAfter, NOWHERE } from "./taken.ts";

const PAST = 1_000;
const CHUNK = 100;
/** Less than the silence after which a connection is given up. */
const BLOCK_MS = 1_000;
const RETRY_MS = 250;

/** Hands over the signals that are there, then those that come, until it is stopped. Where Redis is away or shut, it waits. */
export function followSignals(of: RevocationsOf, follower: SignalFollower): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  /** After which to read; undefined before anything was. */
  let from: string | undefined;

  function take({ signals, unreadable, lastId }: SignalEntries, arePast: boolean): void {
    if (lastId !== undefined) from = lastId;
    if (unreadable > 0) follower.unreadable(unreadable);
    if (signals.length === 0) return;
    if (arePast) follower.past(signals);
    else follower.next(signals);
  }

  async function followOn(connection: Redis): Promise<void> {
    const hangUp = (): void => connection.disconnect();
    signal.addEventListener("abort", hangUp, { once: true });
    try {
      const latest = await latestOn(connection, from === undefined ? PAST : 1);
      if (from === undefined) {
        take(latest, true);
        from ??= NOWHERE;
      } else if (isAfter(from, latest.lastId ?? NOWHERE)) {
        // The store has gone back. What comes twice has one id.
        from = NOWHERE;
      }
      while (!signal.aborted) {
        of.gate.pass();
        take(decodeSignalsRead(await nextOn(connection, from)), false);
      }
    } finally {
      signal.removeEventListener("abort", hangUp);
      connection.disconnect();
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        of.gate.pass();
        await followOn(of.connections.dedicated(SIGNALS));
      } catch {
        // What is wrong is said where revocations are followed.
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Oldest first. */
async function latestOn(connection: Redis, count: number): Promise<SignalEntries> {
  const newestFirst = await connection.xrevrangeBuffer(SIGNALS, "+", "-", "COUNT", count);
  return decodeSignals(newestFirst.toReversed());
}

function nextOn(connection: Redis, after: string): Promise<unknown> {
  return connection.xreadBuffer("COUNT", CHUNK, "BLOCK", BLOCK_MS, "STREAMS", SIGNALS, after);
}

/** A worker's side: what it is told by the first process, and what it says to it. */
import { AssayError } from "../core/error.ts";
import type { SignalFollower } from "../core/signals/signal-follower.ts";
import type { Signal } from "../core/signals/signal.ts";
import { type FromWorker, readToWorker, type ToWorker } from "./messages.ts";
import type { ToldMetrics } from "./told-metrics.ts";

export type Orders = {
  /** Takes over what has changed. */
  reload(): void;
  /** May come again, with `hurry`. */
  stop(options: { hurry: boolean }): void;
  /** What this process has counted and measured. */
  metrics(): Promise<ToldMetrics>;
};

export type Membership = Pick<Extract<ToWorker, { kind: "begin" }>, "number" | "started" | "taken" | "source"> & {
  /**
   * From when it resolves, a revision that another worker has written is reached here before that one answers. Call it before
   * the first call is taken.
   */
  join: (reachHere: (revision: string) => Promise<void>) => Promise<void>;
  /** No call is taken any more. */
  leave: () => void;
  /**
   * Resolves when every other worker that takes calls has reached the revision, or is dead.
   * @throws AssayError `store_unavailable` (outcome unknown), when one has not in time
   */
  reach: (revision: string) => Promise<void>;
  /** From now on, those that other workers find, after those that there were. */
  followSignals: (follower: Pick<SignalFollower, "past" | "next">) => void;
  /**
   * At most 100. Resolves when they have been sent.
   * @param areHeard from where all workers hear of them: they are for the first process alone
   */
  tellSignals: (signals: readonly Signal[], areHeard: boolean) => Promise<void>;
  /** What each worker that serves has counted and measured, this one too. */
  gather: () => Promise<GatheredMetrics>;
  /** Resolves when it has been sent. */
  say(message: Extract<FromWorker, { kind: "serving" | "failed" | "took-over" }>): Promise<void>;
};

/** `metrics` is absent of a worker that did not tell them in time. */
export type GatheredMetrics = Extract<ToWorker, { kind: "gathered" }>["told"];

/** The first process waits a second for the slowest. */
const GATHER_MS = 3_000;

/** Resolves when the first process has said what to begin with. When that process ends, Node ends this one. */
export async function becomeMember(orders: Orders): Promise<Membership> {
  const begin = Promise.withResolvers<Extract<ToWorker, { kind: "begin" }>>();
  const joined = Promise.withResolvers<void>();
  const asked = new Map<number, () => void>();
  const gathering = new Map<number, (told: GatheredMetrics) => void>();
  let reachHere: ((revision: string) => Promise<void>) | undefined;
  let asking = 0;
  let follower: Pick<SignalFollower, "past" | "next"> | undefined;

  process.on("message", (value) => {
    const message = readToWorker(value);
    switch (message?.kind) {
      case "begin":
        return begin.resolve(message);
      case "joined":
        return joined.resolve();
      case "reload":
        return orders.reload();
      case "stop":
        return orders.stop(message);
      case "ping":
        return void say({ kind: "pong" });
      case "metrics":
        return void tellMetrics(message.id);
      case "signals":
        return message.arePast ? follower?.past(message.signals) : follower?.next(message.signals);
      case "gathered":
        return gathering.get(message.id)?.(message.told);
      case "reached":
        return asked.get(message.id)?.();
      case "reach":
        return void answer(message.id, message.revision);
      case undefined:
        throw new Error("the first process sent a message of no known kind");
    }
  });

  /** Where they cannot be collected, whoever asks goes on without them. */
  async function tellMetrics(id: number): Promise<void> {
    const metrics = await orders.metrics().catch(() => undefined);
    if (metrics !== undefined) await say({ kind: "metrics", id, metrics });
  }

  async function answer(id: number, revision: string): Promise<void> {
    // Who has not joined vouches for nothing.
    if (reachHere === undefined) return;
    try {
      await reachHere(revision);
    } catch {
      // Whoever asks gives up in time.
      return;
    }
    await say({ kind: "reached", id });
  }

  const { number, started, taken, source, reachMs, umask } = await begin.promise;
  if (umask !== undefined) process.umask(umask);
  return {
    number,
    started,
    taken,
    source,
    async join(reach) {
      reachHere = reach;
      await say({ kind: "join" });
      await joined.promise;
    },
    leave: () => void say({ kind: "leave" }),
    async reach(revision) {
      const id = asking++;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const limit = setTimeout(() => reject(unreached()), reachMs);
      asked.set(id, resolve);
      void say({ kind: "reach", id, revision });
      await promise.finally(() => {
        clearTimeout(limit);
        asked.delete(id);
      });
    },
    followSignals(following) {
      follower = following;
      void say({ kind: "follow-signals" });
    },
    tellSignals: (signals, areHeard) => say({ kind: "signals", signals: [...signals], areHeard }),
    async gather() {
      const id = asking++;
      const { promise, resolve, reject } = Promise.withResolvers<GatheredMetrics>();
      const limit = setTimeout(
        () => reject(new Error("the first process has not told the metrics in time")),
        GATHER_MS,
      );
      gathering.set(id, resolve);
      void say({ kind: "gather", id });
      return promise.finally(() => {
        clearTimeout(limit);
        gathering.delete(id);
      });
    },
    say,
  };
}

/** A channel that has closed is no matter: without it this process is about to end. */
function say(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) throw new Error("a worker has a channel to the first process");
    process.send(message, undefined, {}, () => resolve());
  });
}

function unreached(): AssayError {
  return new AssayError(
    "store_unavailable",
    "the outcome is unknown: another worker of this instance has not said in time that it knows of the revocation; retry",
  );
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Following, RevocationFollower } from "../../core/revocation-log.ts";
import { parseRevision } from "../revision.ts";
import { type Ending, type Session, startSession } from "./follow-session.ts";
import { heal } from "./heal.ts";
import { noteKnown } from "./kept.ts";
import { takeLiveSet } from "./live-set.ts";
import { storeUnavailable } from "./redis-error.ts";
import type { RevocationsOf } from "./revocations.ts";

const PROOF_INTERVAL_MS = 250;
const RETRY_MS = 50;

/**
 * Follows the log until it is stopped: the live set first, then what is appended; from the start again when the log does not reach
 * back far enough, or has gone back in time and been healed.
 */
export function followLog(of: RevocationsOf, follower: RevocationFollower): Following {
  const stopping = new AbortController();
  const { signal } = stopping;
  let session: Session | undefined;
  /** Why the last session ended: what it asks for is done before the next. */
  let ending: Ending | undefined;
  of.kept.held = () => follower.held();
  of.gate.whenShut(() => follower.doubted());

  async function follow(): Promise<void> {
    const { incarnation } = of.gate.pass();
    await heal(of, incarnation, ending);
    const { from, logged } = await takeLiveSet(of, incarnation, follower);
    noteKnown(of.kept, incarnation, logged);
    ending = undefined;
    session = startSession(of, follower, incarnation, from);
    try {
      ending = await untilItEnds(session, signal);
    } finally {
      await session.stop();
      session = undefined;
    }
    if (ending === "gone back") {
      of.log({ level: "error", event: "store_rollback", message: rolledBack(of.address) });
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      // Shut, or out of reach: said where that was noticed.
      await follow().catch(() => pause(RETRY_MS, signal));
    }
  }

  /** @throws AssayError `store_unavailable` */
  async function current(deadline: number): Promise<Session> {
    for (;;) {
      of.gate.pass();
      if (session?.isOver() === false) {
        return session;
      }
      if (signal.aborted || performance.now() > deadline) {
        throw storeUnavailable("the live set has not been read yet");
      }
      await pause(Math.min(RETRY_MS, deadline - performance.now()), signal);
    }
  }

  async function ask<T>(question: (of: Session) => Promise<T>): Promise<T> {
    const deadline = performance.now() + of.timeoutMs;
    for (;;) {
      const asked = await current(deadline);
      try {
        return await within(deadline - performance.now(), question(asked));
      } catch (error) {
        // One that has ended is followed by another, which may prove it in time.
        if (!asked.isOver()) {
          throw error;
        }
      }
    }
  }

  const running = run();
  return {
    prove: () => ask((asked) => asked.prove()),
    proveAnew: () => ask((asked) => asked.proveAnew()),
    async reach(revision) {
      parseRevision(revision);
      // What was taken before counts for nothing by itself: the store may have gone back since.
      if (!(await ask((asked) => asked.reach(revision)))) {
        throw storeUnavailable("the store does not know the revision, and has not been healed since it was lost");
      }
    },
    async stop() {
      stopping.abort();
      await running;
      of.kept.held = () => [];
      of.gate.whenShut(undefined);
    },
  };
}

/** A proof every quarter of a second, whatever came of the last. */
async function untilItEnds(session: Session, signal: AbortSignal): Promise<Ending | undefined> {
  while (!signal.aborted) {
    session.prove().catch(() => undefined);
    const ending = await Promise.race([session.ended, pause(PROOF_INTERVAL_MS, signal)]);
    if (ending !== undefined) {
      return ending;
    }
  }
  return undefined;
}

function rolledBack(address: string): string {
  return (
    `The store at ${address} has gone back in time: it lacks entries of the revocation log that it had acknowledged. ` +
    "Nothing is answered until this instance has put back what it holds. Find out why: a failover without enough replicas, " +
    "an old backup, a lost disk."
  );
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(storeUnavailable("the proof of freshness took too long")),
    Math.max(0, ms),
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<undefined> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}

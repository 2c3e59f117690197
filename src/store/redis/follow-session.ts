import type { RevocationFollower } from "../../core/revocation-log.ts";
import { formatRevision } from "../revision.ts";
import { clocksDisagree } from "./assess-clock.ts";
import { followTail } from "./follow-tail.ts";
import type { ProofReply } from "./log-replies.ts";
import { PROOF_ENTRIES, proveLog } from "./prove-log.ts";
import { storeUnavailable } from "./redis-error.ts";
import type { LogEntry } from "./revocation-bytes.ts";
import { lost, type RevocationsOf } from "./revocations.ts";
import { catchUp, lastId, type Place, runAhead, type Taken } from "./taken.ts";

/** Why a follower has to begin again. `replaced`: by another store, to which this instance went over. */
export type Ending = Exclude<ProofReply["log"], "whole"> | "replaced";

/** From one reading of the live set to the next. */
export type Session = {
  /** Shared with whoever asks meanwhile. @throws AssayError `store_unavailable` */
  prove(): Promise<void>;
  /** As `prove`, never shared with one that was asked before. */
  proveAnew(): Promise<void>;
  ended: Promise<Ending>;
  /** Whether it proves nothing any more, and another follows. */
  isOver(): boolean;
  stop(): Promise<void>;
};

/** How far the tail may run ahead of the proofs. */
const GREATEST_LEAD = 20_000;

/** @param from where the live set left off */
export function startSession(
  of: RevocationsOf,
  follower: RevocationFollower,
  incarnation: string,
  from: Place,
): Session {
  const taken: Taken = { proven: from, ahead: [] };
  const stopping = new AbortController();
  const end = Promise.withResolvers<Ending>();
  let asking: Promise<void> | undefined;

  function tell(fresh: readonly LogEntry[]): void {
    of.kept.taken = { incarnation, id: lastId(taken) };
    const logged = fresh.flatMap(({ revocation }) => revocation ?? []);
    if (logged.length > 0) {
      follower.takeLogged(logged);
    }
  }

  function finish(ending: Ending): Error {
    stopping.abort();
    follower.doubted();
    end.resolve(ending);
    if (ending === "lost") {
      return lost(of);
    }
    return storeUnavailable(`the revocations have to be read anew: ${ending}`);
  }

  function isOver(): boolean {
    if (!stopping.signal.aborted && of.gate.known() !== incarnation) {
      finish("replaced");
    }
    return stopping.signal.aborted;
  }

  /** @throws AssayError `store_unavailable` while shut, and once this has ended */
  function pass(): void {
    of.gate.pass();
    if (isOver()) {
      throw storeUnavailable("the revocations are read anew");
    }
  }

  /** @returns whether there is more to come */
  async function ask(): Promise<boolean> {
    pass();
    const askedAt = performance.now();
    const known = taken.ahead.length;
    const reply = await proveLog(of, incarnation, taken.proven);
    pass();
    if (reply.log !== "whole") {
      throw finish(reply.log);
    }
    requireSameTime(of, reply.time, askedAt);
    const isAll = reply.entries.length < PROOF_ENTRIES;
    const fresh = catchUp(taken, reply.entries, known, isAll);
    if (fresh === undefined) {
      throw finish("gone back");
    }
    tell(fresh);
    if (isAll) {
      follower.proved(formatRevision(incarnation, taken.proven.id), askedAt);
    }
    return !isAll;
  }

  async function askForAll(): Promise<void> {
    while (await ask()) {
      // Until the head is reached.
    }
  }

  function prove(): Promise<void> {
    asking ??= askForAll().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function takeTail(entries: readonly LogEntry[]): Promise<void> {
    tell(runAhead(taken, entries));
    if (taken.ahead.length > GREATEST_LEAD) {
      await prove();
    }
  }

  of.kept.taken = { incarnation, id: from.id };
  const tail = followTail(of, incarnation, { from: () => lastId(taken), take: takeTail, prove }, stopping.signal);
  return {
    prove,
    async proveAnew() {
      await asking?.catch(() => undefined);
      return prove();
    },
    ended: end.promise,
    isOver,
    async stop() {
      stopping.abort();
      await tail;
    },
  };
}

/** A proof is as old as the clock says: after a sleep of this machine, or when the store's clock is set, that is not known. */
function requireSameTime({ serverClock, gate, address }: RevocationsOf, told: number, askedAt: number): void {
  const disagreement = serverClock.contradiction(told, askedAt, performance.now());
  if (disagreement !== undefined) {
    gate.shut(clocksDisagree(disagreement, address));
    throw storeUnavailable(disagreement);
  }
}

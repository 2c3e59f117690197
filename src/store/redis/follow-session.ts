import type { RevocationFollower } from "../../core/revocation-log.ts";
import { formatRevision } from "../revision.ts";
import { clocksDisagree } from "./assess-clock.ts";
import { unhealedStore } from "./awaited.ts";
import { noteKnown } from "./kept.ts";
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
  /** As `proveAnew`. @returns whether the store held the revision then, or has been healed since it was lost */
  reach(revision: string): Promise<boolean>;
  ended: Promise<Ending>;
  /** Whether it proves nothing any more, and another follows. */
  isOver(): boolean;
  stop(): Promise<void>;
};

/** How many revisions one proof looks for at most: Redis serves nobody else meanwhile. */
const MOST_SOUGHT = 1_000;
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
  /** Resolves to what was found of what was sought. */
  let asking: Promise<ReadonlySet<string>> | undefined;
  /** For the next proof. */
  const sought = new Set<string>();

  function tell(fresh: readonly LogEntry[]): void {
    of.kept.taken = { incarnation, id: lastId(taken) };
    noteKnown(
      of.kept,
      incarnation,
      fresh.map(({ id }) => id),
    );
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
      return lost(of, incarnation);
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

  /** @returns what was found of what is sought, by the server that brought the last entry; undefined when there is more to come */
  async function ask(wanted: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    pass();
    const askedAt = performance.now();
    const known = taken.ahead.length;
    const reply = await proveLog(of, incarnation, taken.proven, wanted);
    pass();
    if (reply.log === "unhealed") {
      of.gate.shut(unhealedStore(of.address, reply.awaited));
    }
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
    if (!isAll) {
      return undefined;
    }
    follower.proved(formatRevision(incarnation, taken.proven.id), askedAt);
    return new Set(wanted.filter((_, place) => reply.found[place]));
  }

  async function askForAll(): Promise<ReadonlySet<string>> {
    const wanted = [...sought].slice(0, MOST_SOUGHT);
    sought.clear();
    for (;;) {
      const found = await ask(wanted);
      if (found !== undefined) {
        return found;
      }
    }
  }

  function askTogether(): Promise<ReadonlySet<string>> {
    asking ??= askForAll().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function askAnew(): Promise<ReadonlySet<string>> {
    await asking?.catch(() => undefined);
    return askTogether();
  }

  async function prove(): Promise<void> {
    await askTogether();
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
      await askAnew();
    },
    async reach(revision) {
      sought.add(revision);
      return (await askAnew()).has(revision);
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

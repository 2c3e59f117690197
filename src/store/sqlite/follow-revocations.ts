import type { Following, RevocationFollower } from "../../core/revocation-log.ts";
import { formatRevision, parseRevision } from "../revision.ts";
import type { Closure } from "./closure.ts";
import { freshCache } from "./fresh-cache.ts";
import { heal, type HealOf } from "./heal.ts";
import { formatPosition, parsePosition, type Position } from "./position.ts";
import { type Look, readHead, readLog } from "./read-log.ts";
import { isReached } from "./reached.ts";
import { readLiveSet } from "./read-live-set.ts";
import { integer } from "./row.ts";
import { storeUnavailable } from "./sqlite-error.ts";
import { sharedWait } from "./shared-wait.ts";
import type { SqliteStoreEvent } from "./store-event.ts";

export type FollowOf = HealOf & {
  path: string;
  incarnation: string;
  closure: Closure;
  timeoutMs: number;
  log: (event: SqliteStoreEvent) => void;
};

/** How often it is looked whether anybody has written, in milliseconds. */
const POLL_MS = 10;

/** How old a proof becomes by itself, in milliseconds. */
const PROOF_MS = 200;

const STOPPED = "nobody follows the store any more";

/**
 * Follows the log by looks at it, each a few synchronous reads. A look that finds the file, its incarnation and the last entry
 * seen in their places is a proof, dated from its beginning.
 * @returns `look` looks at once when anybody has written
 */
export function followRevocations(of: FollowOf, follower: RevocationFollower): Following & { look(): void } {
  const { reader, incarnation, closure } = of;
  const proof = sharedWait(of.timeoutMs);
  const refresh = freshCache(reader, of.path);
  const timer = setInterval(poll, POLL_MS).unref();
  /** Undefined until the live set has been taken. */
  let seen: Position | undefined;
  let [lookedAt, version] = [Number.NEGATIVE_INFINITY, -1];
  let [isTrusted, isStopped, isAlarmed] = [false, false, false];
  /** What takes more than one turn: nothing is looked at meanwhile. */
  let work: Promise<void> | undefined;

  function poll(): void {
    try {
      const present = integer(reader.statements.dataVersion.get() ?? {}, "data_version");
      if (present === version && performance.now() - lookedAt < PROOF_MS) return;
      version = present;
    } catch (error) {
      return failed(error);
    }
    look();
  }

  function look(): void {
    if (work !== undefined || isStopped) return;
    lookedAt = performance.now();
    try {
      closure.refuse();
      refresh();
      if (seen === undefined) begin(takeLiveSet);
      else take(readLog(reader, incarnation, seen), seen, lookedAt);
    } catch (error) {
      failed(error);
    }
  }

  function take(found: Look, from: Position, askedAt: number): void {
    switch (found.found) {
      case "entries":
        if (found.entries.length > 0) follower.takeLogged(found.entries);
        seen = found.last;
        if (found.isHead) proved(found.last, askedAt);
        else setImmediate(look);
        return;
      case "gap":
        doubt();
        return begin(fillGap);
      case "rollback":
        doubt();
        return begin(() => putRight(from));
      case "other store":
        closure.shut(
          `The store file ${of.path} holds another store since it was opened: restore the file, start again.`,
        );
        closure.refuse();
    }
  }

  function proved(head: Position, askedAt: number): void {
    isTrusted = true;
    proof.answer(() => follower.proved(formatRevision(incarnation, formatPosition(head)), askedAt));
  }

  function doubt(): void {
    follower.doubted();
    isTrusted = false;
  }

  function failed(error: unknown): void {
    proof.note(error);
    if (closure.sentence() === undefined) return;
    if (isTrusted) doubt();
    proof.fail();
  }

  function begin(task: () => Promise<void>): void {
    work = carryOut(task);
  }

  async function carryOut(task: () => Promise<void>): Promise<void> {
    try {
      await task();
      work = undefined;
      look();
    } catch (error) {
      work = undefined;
      // The next look begins again.
      failed(error);
    }
  }

  async function takeLiveSet(): Promise<void> {
    const head = readHead(reader);
    for await (const chunk of readLiveSet(reader)) {
      if (isStopped) return;
      closure.refuse();
      follower.takeHeld(chunk);
    }
    seen = head;
  }

  /** What the log does not tell any more may be that the store went back. */
  async function fillGap(): Promise<void> {
    const count = await heal(of, follower, undefined);
    if (count > 0) of.log(healed(of.path, count));
    await takeLiveSet();
  }

  /** The live set is read again: what others have written since the store went back is not known here. */
  async function putRight(lost: Position): Promise<void> {
    if (!isAlarmed) of.log(rollback(of.path));
    isAlarmed = true;
    const count = await heal(of, follower, lost);
    seen = undefined;
    await takeLiveSet();
    of.log(healed(of.path, count));
    isAlarmed = false;
  }

  function prove(): Promise<void> {
    if (isStopped) return Promise.reject(storeUnavailable(new Error(STOPPED)));
    return proof.wait(look);
  }

  return {
    look: poll,
    prove,
    // What a look finds is told in its own turn: nobody can ask while one is under way.
    proveAnew: prove,
    async reach(revision) {
      const asked = parseRevision(revision);
      if (asked.incarnation !== incarnation) throw storeUnavailable(new Error("it is a revision of another store"));
      await prove();
      if (!isReached(reader, parsePosition(asked.position)))
        throw storeUnavailable(new Error("the store has not got to that revision"));
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      proof.note(new Error(STOPPED));
      proof.fail();
      await work;
    },
  };
}

function rollback(path: string): SqliteStoreEvent {
  const message = `The store file ${path} has gone back in time: revocations that were acknowledged are not in it. Nothing is answered until they are put back.`;
  return { level: "error", event: "store_rollback", message };
}

function healed(path: string, count: number): SqliteStoreEvent {
  const message = `Revocations that the store file ${path} had lost have been put back: ${count}. Families and opaque tokens made since are lost.`;
  return { level: "warn", event: "store_healed", message };
}

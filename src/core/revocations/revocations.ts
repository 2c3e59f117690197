/** The view: this process's picture of all live revocations, kept current by following the log, and how fresh it is. */
import { AssayError } from "../error.ts";
import type {
  Acknowledgement,
  HeldRevocation,
  LoggedRevocation,
  Revocation,
  RevocationFollower,
  RevocationStore,
} from "../revocation-log.ts";
import { DIGEST_LENGTH, MARK_LENGTH, type Marks } from "./marks.ts";
import { type RecentEntries, recentEntries } from "./recent-entries.ts";
import { type RevocationTable, revocationTable } from "./revocation-table.ts";

export type RevocationsOptions = {
  store: RevocationStore;
  /** How old the last proof may be that no revocation is missing, in milliseconds. */
  maxStalenessMs: number;
  /** A view never evicts: how many revocations there may be before new ones are refused. */
  capacity: number;
};

/** What happens to the view. Called at once: it must not throw, nor take long. */
export type RevocationsListener = {
  logged(entries: readonly LoggedRevocation[]): void;
  /** When entries of the log were written, besides those that `logged` tells: milliseconds of store time. */
  timed?(appendedAt: readonly number[]): void;
  proved(revision: string): void;
  /** What was held is held still, and what `since` knew it knows no more. */
  doubted(): void;
};

export type RevocationView = {
  /**
   * Undefined when the view may be judged by now; else resolves when it may.
   * @param revision which the view must have reached
   * @throws AssayError `store_unavailable`, `invalid_request` naming `at_least_as_fresh` for what is no revision
   */
  settle(revision?: string): Promise<void> | undefined;
  /** Whether `settle` would have nothing to wait for. */
  isSettled(revision?: string): boolean;
  /** Whether a live revocation names one of the marks. Settle first. */
  nameOneOf(marks: Marks): boolean;
  /** While it stays the same, what no revocation named is named by none. */
  changes(): number;
  /** Up to where the view knows all revocations: empty before the first proof. */
  revision(): string;
  /** How long ago the last proof was asked for, in milliseconds; Infinity before the first. */
  staleForMs(): number;
  /** How many revocations are held, and in how many bytes. */
  size(): { entries: number; bytes: number };
  /** All that is held. May be stepped through slowly: each that was there at the beginning comes at least once. */
  held(): Iterable<HeldRevocation>;
  /** What the log said next after a revision, of the last few thousand entries; undefined when that is not known any more. */
  since(revision: string, atMost: number): readonly LoggedRevocation[] | undefined;
  /** Asks the store now, however fresh the view is, and whoever asks already. @throws AssayError `store_unavailable` */
  prove(): Promise<void>;
  /** Nothing is judged before a proof that is asked for from now on, whatever staleness a caller allows. */
  forgetProofs(): void;
  listen(listener: RevocationsListener): () => void;
  /** Drops a part of what has expired. Call it again and again. `now` in milliseconds of the store's time. */
  sweep(now: number): void;
  /** A sentence while the view cannot be judged by. */
  problem(): string | undefined;
  /** Stops following. */
  close(): Promise<void>;
};

/** The view of an instance that reaches the store. */
export type Revocations = RevocationView & {
  /**
   * Durable and applied here when it resolves. See `RevocationStore.append`.
   * @throws AssayError `store_unavailable` (outcome unknown), `store_full` (nothing written)
   */
  append(revocation: Revocation): Promise<Acknowledgement>;
  readSealed: RevocationStore["readSealed"];
};

/** Begins to follow. Nothing can be judged before the first proof: `settle` waits for it. */
export function openRevocations({ store, maxStalenessMs, capacity }: RevocationsOptions): Revocations {
  const table = revocationTable();
  return {
    ...viewOf(table, { store, maxStalenessMs }),
    append: async (revocation) => {
      if (table.size >= capacity) throw viewFull(capacity);
      const { held, ...acknowledgement } = await store.append(revocation);
      table.put(held);
      return acknowledgement;
    },
    readSealed: (digests) => store.readSealed(digests),
  };
}

/** Begins to follow, where revocations are appended elsewhere. As with `openRevocations`. */
export function followRevocations(options: FollowOptions): RevocationView {
  return viewOf(revocationTable(), options);
}

type FollowOptions = Pick<RevocationsOptions, "maxStalenessMs"> & { store: Pick<RevocationStore, "follow"> };

function viewOf(table: RevocationTable, { store, maxStalenessMs }: FollowOptions): RevocationView {
  const view = followingView(table);
  const following = store.follow(view.follower);
  const isFresh = (): boolean => view.staleForMs() <= maxStalenessMs;

  async function settled(revision: string | undefined): Promise<void> {
    if (revision !== undefined && !view.hasReached(revision)) await following.reach(revision).catch(nameTheField);
    if (!isFresh()) await following.prove();
    // What was proved may have been doubted since, or be older than it looked.
    if (!isFresh()) throw unproved();
  }

  const isSettled = (revision?: string): boolean => (revision === undefined || view.hasReached(revision)) && isFresh();

  return {
    settle: (revision) => (isSettled(revision) ? undefined : settled(revision)),
    isSettled,
    nameOneOf: ({ bytes, offset, count }) => {
      let isNamed = false;
      // To the end, whatever is found: the time must not tell.
      for (let place = 0, at = offset; place < count; place++, at += MARK_LENGTH) {
        if (table.names(bytes, at, bytes.readDoubleLE(at + DIGEST_LENGTH))) isNamed = true;
      }
      return isNamed;
    },
    changes: () => table.changes,
    revision: () => view.revision(),
    staleForMs: () => view.staleForMs(),
    size: () => ({ entries: table.size, bytes: table.bytes }),
    held: () => table.entries(),
    since: (revision, atMost) => view.recent.after(revision, atMost),
    prove: () => following.proveAnew(),
    forgetProofs: () => view.forgetProofs(),
    listen: (listener) => view.listen(listener),
    sweep: (now) => void table.sweep(now),
    problem: () =>
      isFresh()
        ? undefined
        : "It is not known whether revocations are missing: the store has not proved it for a while. Calls that need to know are answered UNAVAILABLE.",
    close: () => following.stop(),
  };
}

/** What the two clocks may part by from one proof to the next, in milliseconds, before the machine is taken to have slept. */
const ASLEEP_MS = 1_000;

type FollowingView = {
  follower: RevocationFollower;
  recent: RecentEntries;
  revision(): string;
  staleForMs(): number;
  hasReached(revision: string): boolean;
  forgetProofs(): void;
  listen(listener: RevocationsListener): () => void;
};

function followingView(table: RevocationTable): FollowingView {
  const listeners = new Set<RevocationsListener>();
  const recent = recentEntries();
  let revision = "";
  let provedAt = -Infinity;
  /** The same moment by the wall clock, which goes on while a machine sleeps. */
  let provedAtDate = -Infinity;
  /** A proof that was asked for before does not count. */
  let countsFrom = -Infinity;
  let clocks = clockDifference();
  let isDoubted = false;

  const follower: RevocationFollower = {
    // Taken again, they are here already.
    expect: (count) => table.reserve(count - table.size),
    takeHeld: (revocations) => {
      for (const revocation of revocations) table.put(revocation);
    },
    takeLogged: (entries) => {
      for (const entry of entries) table.put(entry);
      recent.add(entries);
      for (const listener of listeners) listener.logged(entries);
    },
    takeTimes: (appendedAt) => {
      for (const listener of listeners) listener.timed?.(appendedAt);
    },
    proved: (head, askedAt) => {
      const before = clocks;
      clocks = clockDifference();
      // The machine may have slept since it was asked: the next proof will tell.
      if (Math.abs(clocks - before) > ASLEEP_MS || askedAt < countsFrom) return;
      // Of what was told since, that proof said nothing.
      if (recent.proved(head)) revision = head;
      provedAt = Math.max(provedAt, askedAt);
      provedAtDate = provedAt + clocks;
      isDoubted = false;
      for (const listener of listeners) listener.proved(revision);
    },
    doubted: () => {
      isDoubted = true;
      // Else a proof that is older would make it count again.
      provedAt = -Infinity;
      recent.clear();
      for (const listener of listeners) listener.doubted();
    },
    held: () => table.entries(),
  };
  return {
    follower,
    recent,
    revision: () => revision,
    // A proof is of no use once the store it came from has gone back.
    staleForMs: () => (isDoubted ? Infinity : Math.max(performance.now() - provedAt, Date.now() - provedAtDate)),
    forgetProofs: () => {
      countsFrom = performance.now();
      provedAt = -Infinity;
    },
    hasReached: (asked) => !isDoubted && (asked === revision || recent.has(asked)),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** By how much the wall clock is ahead of the monotonic one, which stands still while a machine sleeps. */
function clockDifference(): number {
  return Date.now() - performance.now();
}

function unproved(): AssayError {
  return new AssayError("store_unavailable", "it is not known at the moment whether revocations are missing: retry");
}

/** Wherever a caller may give a revision it is called so. */
function nameTheField(error: unknown): never {
  if (!(error instanceof AssayError) || error.code !== "invalid_request") throw error;
  const field = "at_least_as_fresh";
  const description = "is no revision: pass one on as it was answered";
  throw new AssayError("invalid_request", `${field} ${description}`, { fields: [{ field, description }] });
}

function viewFull(capacity: number): AssayError {
  return new AssayError(
    "store_full",
    `there are ${capacity} live revocations already, as many as revocations.capacity allows: nothing was written; raise it at every instance, then retry`,
  );
}

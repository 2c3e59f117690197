import type { LoggedRevocation } from "../revocation-log.ts";

/** The last entries of the log, so that whoever was away for a moment need not be told everything anew. */
export type RecentEntries = {
  add(entries: readonly LoggedRevocation[]): void;
  /**
   * There was nothing beyond this revision when that was asked. Begins here, where nothing is known yet.
   * @returns false for one that is not known: the answer came so late that it is forgotten already
   */
  proved(revision: string): boolean;
  has(revision: string): boolean;
  /** The next entries, `atMost` so many. Undefined where what followed it is not known any more. */
  after(revision: string, atMost: number): readonly LoggedRevocation[] | undefined;
  /** The log is not the one that the entries came from. */
  clear(): void;
};

const KEPT = 4_096;

export function recentEntries(): RecentEntries {
  let entries: LoggedRevocation[] = [];
  /** How many came before the first of them. */
  let dropped = 0;
  /** By revision: how many had come by then. */
  let counts = new Map<string, number>();

  function clear(): void {
    entries = [];
    dropped = 0;
    counts = new Map();
  }

  return {
    add: (added) => {
      for (const entry of added) {
        if (counts.has(entry.revision)) continue;
        entries.push(entry);
        counts.set(entry.revision, dropped + entries.length);
      }
      if (entries.length < 2 * KEPT) return;
      dropped += entries.length - KEPT;
      entries = entries.slice(-KEPT);
      counts = new Map([...counts].filter(([, count]) => count >= dropped));
    },
    proved: (revision) => {
      if (counts.size === 0) counts.set(revision, 0);
      return counts.has(revision);
    },
    has: (revision) => counts.has(revision),
    after: (revision, atMost) => {
      const count = counts.get(revision);
      return count === undefined ? undefined : entries.slice(count - dropped, count - dropped + atMost);
    },
    clear,
  };
}

export type SignalLosses = {
  /** @param to whom they were not told */
  lost(to: string, count: number): void;
  /** Entries of the store that are no signals. */
  unreadable: (count: number) => void;
  /** Says what has not been said yet. */
  close(): void;
};

type Log = { warn(fields: object, message: string): void };

type Count = { add: (count: number) => void; say: () => void };

const SAID_EVERY_MS = 10_000;

/** Says in the log what of the signals does not arrive: at once, and then every ten seconds at most. */
export function signalLosses(log: Log): SignalLosses {
  const unreadable = counted((count) =>
    log.warn({ unreadable: count }, "entries of the store that should be signals are none: left out"),
  );
  const lost = new Map<string, Count>();

  function lostTo(to: string): Count {
    return counted((count) =>
      log.warn(
        { lost: count, to },
        "signals were not passed on: too many came at once, nobody took them, or their names cannot be told",
      ),
    );
  }

  return {
    lost(to, count) {
      const known = lost.get(to) ?? lostTo(to);
      lost.set(to, known);
      known.add(count);
    },
    unreadable: (count) => unreadable.add(count),
    close() {
      for (const { say } of [unreadable, ...lost.values()]) say();
    },
  };
}

function counted(tell: (count: number) => void): Count {
  let unsaid = 0;
  let waiting: NodeJS.Timeout | undefined;
  const say = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    if (unsaid > 0) tell(unsaid);
    unsaid = 0;
  };
  return {
    add(count) {
      unsaid += count;
      if (waiting !== undefined) return;
      say();
      waiting = setTimeout(say, SAID_EVERY_MS).unref();
    },
    say,
  };
}

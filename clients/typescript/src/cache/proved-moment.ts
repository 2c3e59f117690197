/** When it was last proved that no revocation is missing. */
export type ProvedMoment = {
  /** @param at as `performance.now` says it */
  prove(at: number): void;
  /** What was proved does not count any more. */
  doubt(): void;
  /** Infinity before the first proof, and in doubt. */
  staleForMs(): number;
};

/** What the two clocks may part by from one proof to the next, before the machine is taken to have slept. */
const ASLEEP_MS = 1_000;

export function provedMoment(): ProvedMoment {
  let provedAt = -Infinity;
  /** The same by the wall clock, which goes on while a machine sleeps. */
  let provedAtDate = -Infinity;
  let apart = clocksApart();
  return {
    prove(at) {
      const before = apart;
      apart = clocksApart();
      // The machine may have slept since: the next proof will tell.
      if (Math.abs(apart - before) > ASLEEP_MS) return;
      provedAt = Math.max(provedAt, at);
      provedAtDate = provedAt + apart;
    },
    doubt() {
      provedAt = -Infinity;
      provedAtDate = -Infinity;
    },
    staleForMs: () => Math.max(performance.now() - provedAt, Date.now() - provedAtDate),
  };
}

function clocksApart(): number {
  return Date.now() - performance.now();
}

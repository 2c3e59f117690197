import { MINUTE } from "./time.ts";

/** How often each name came. */
export function tally(): { add(name: string): void; counts: ReadonlyMap<string, number> } {
  const counts = new Map<string, number>();
  return { counts, add: (name) => counts.set(name, (counts.get(name) ?? 0) + 1) };
}

/** How many different values came with each name. */
export function distinct(): { add(name: string, value: string): void; sizes(): number[] } {
  const values = new Map<string, Set<string>>();
  return {
    add(name, value) {
      const known = values.get(name);
      if (known === undefined) values.set(name, new Set([value]));
      else known.add(value);
    },
    sizes: () => Array.from(values.values(), ({ size }) => size),
  };
}

/** How often each name came in each minute in which it came, for events in order of time. */
export function minutes(): { add(name: string, at: number): void; counts(): number[]; peaksOverHabit(): number[] } {
  type Running = { minute: number; count: number; total: number; minutes: number; peak: number };
  const running = new Map<string, Running>();
  const over: number[] = [];
  return {
    add(name, at) {
      const minute = Math.floor(at / MINUTE);
      const known = running.get(name) ?? { minute, count: 0, total: 0, minutes: 1, peak: 0 };
      if (known.minute !== minute) {
        over.push(known.count);
        Object.assign(known, { minute, count: 0, minutes: known.minutes + 1 });
      }
      known.count += 1;
      known.total += 1;
      known.peak = Math.max(known.peak, known.count);
      running.set(name, known);
    },
    counts: () => [...over, ...Array.from(running.values(), ({ count }) => count)],
    peaksOverHabit: () => Array.from(running.values(), ({ peak, total, minutes: of }) => (peak * of) / total),
  };
}

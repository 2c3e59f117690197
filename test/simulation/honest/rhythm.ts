import type { Random } from "../../chaos/random.ts";
import { exponential } from "../seeded.ts";
import { DAY, HOUR, MINUTE } from "../time.ts";
import type { World } from "../world.ts";

/** When and for how long somebody is there. */
export type Rhythm = {
  /** How often on a day, on average. */
  sittings: number;
  /** For how long, on average; in milliseconds. */
  length: number;
  hours: "waking" | "office";
};

export type Sitting = { from: number; until: number };

/** How many of a hundred sittings begin in each hour. */
const HOURS = {
  waking: [1, 0, 0, 0, 0, 1, 3, 6, 6, 5, 4, 4, 6, 6, 4, 4, 4, 6, 7, 8, 9, 8, 5, 3],
  office: [0, 0, 0, 0, 0, 0, 1, 5, 18, 16, 11, 8, 4, 9, 11, 8, 6, 2, 1, 0, 0, 0, 0, 0],
} as const;
/** Whatever follows a sitting, a retry or a request in flight, is over by then. */
const PAUSE = 2 * MINUTE;

/** In order of time, apart from each other. Offices rest at the weekend. */
export function* sittings({ start, end }: World, rhythm: Rhythm, random: Random): Generator<Sitting, void, undefined> {
  let free = start;
  for (let day = start; day < end; day += DAY) {
    if (rhythm.hours === "office" && (day - start) / DAY >= 5) return;
    for (const begin of beginnings(rhythm, random)) {
      const from = Math.max(day + begin, free);
      const until = Math.min(from + MINUTE / 4 + exponential(random, rhythm.length), end - PAUSE);
      if (until <= from) return;
      yield { from, until };
      free = until + PAUSE;
    }
  }
}

/** Of one day: as many as come when each comes independently of the others. */
function beginnings({ sittings: mean, hours }: Rhythm, random: Random): number[] {
  const times: number[] = [];
  for (let left = DAY - exponential(random, DAY / mean); left > 0; left -= exponential(random, DAY / mean)) {
    times.push(hourOf(HOURS[hours], random) * HOUR + random.below(HOUR));
  }
  return times.toSorted((one, other) => one - other);
}

function hourOf(shares: readonly number[], random: Random): number {
  let left = random.below(100);
  return Math.max(
    0,
    shares.findIndex((share) => (left -= share) < 0),
  );
}

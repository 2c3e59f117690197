import type { Random } from "../../chaos/random.ts";
import type { Caller } from "../callers.ts";
import type { Context, Observation } from "../observation.ts";
import type { Holder, Session } from "../session.ts";
import type { World } from "../world.ts";
import { type Rhythm, sittings } from "./rhythm.ts";
import { sit } from "./sitting.ts";

/** Somebody with one browser or one phone. */
export type Person = {
  holder: Holder;
  rhythm: Rhythm;
  /** Where the client is, and what it is by then. */
  where: (at: number) => Context;
  /** From where a request comes that follows one whose answer was lost, where it is not from the same place. */
  elsewhere?: (at: number) => Context;
  /** What one request of the client has services ask for. */
  asks: readonly (readonly Caller[])[];
  habits: Habits;
};

/** How a client treats its tokens. Shares are of 1, times in milliseconds. */
export type Habits = {
  /** Between two requests, on average. */
  gap: number;
  /** Of refreshes, those whose answer is lost and which are sent again. */
  lostAnswers: number;
  /** Of refreshes, those that two tabs send at once. */
  twoTabs: number;
  /** By how much its clock, or that of what checks its tokens before Assay, is behind. */
  clockBehind: number;
  /** Whether it looks at the expiry; otherwise it refreshes once it has been refused. */
  looksAtExpiry: boolean;
  /** Of sittings, those that end with a log-out. */
  logsOut: number;
  /** Of sittings, those that begin with requests sent before the client has a token: `Bearer undefined`. */
  asksTooEarly: number;
};

/** One person's week: sitting after sitting, the family carried from one to the next. */
export function* live(world: World, person: Person, random: Random): Generator<Observation, void, undefined> {
  let session: Session | undefined;
  for (const sitting of sittings(world, person.rhythm, random)) {
    const { seen, left } = sit(person, sitting, random, session);
    yield* seen.toSorted((one, other) => one.at - other.at);
    session = left;
  }
}

import type { Random } from "../../chaos/random.ts";
import { refreshed } from "../observe.ts";
import type { Observation } from "../observation.ts";
import { between } from "../seeded.ts";
import { rotate, type Session } from "../session.ts";
import { SECOND } from "../time.ts";
import type { Person } from "./person.ts";

/** Well within Assay's grace of ten seconds, with the way there. */
const GREATEST_RETRY_DELAY = 8 * SECOND;

/** A refresh and what goes wrong with it: its answer is lost and it is sent again, or two tabs send it at once. */
export function refresh(
  person: Person,
  session: Session,
  at: number,
  random: Random,
  seen: Observation[],
): { session: Session; readyAt: number } {
  const { habits, where, elsewhere = where } = person;
  const next = rotate(session, at, where(at));
  seen.push(refreshed(random, { at, context: where(at) }, "rotated", session, next));
  const again = (later: number, context = where(later)): number => {
    seen.push(refreshed(random, { at: later, context }, "retried", session, next));
    return later + between(random, 80, 300);
  };
  if (random.chance(habits.lostAnswers)) {
    const later = at + between(random, SECOND, GREATEST_RETRY_DELAY);
    return { session: next, readyAt: again(later, random.chance(0.5) ? elsewhere(later) : where(later)) };
  }
  if (random.chance(habits.twoTabs)) return { session: next, readyAt: again(at + between(random, 5, 900)) };
  return { session: next, readyAt: at + between(random, 80, 300) };
}

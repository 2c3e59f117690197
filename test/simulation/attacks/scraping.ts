import { randomFor } from "../seeded.ts";
import { MINUTE, SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { uses, victim } from "./victim.ts";

const HABIT = 30 * SECOND;
const TIMES = 200;

/** Something in the victim's own browser reads out all there is: two hundred times the token's own habit, from the same place. */
export function scraping(seed: number, start: number): Attacked {
  const random = randomFor(seed, "scraping");
  const { session, seen } = victim(random, start);
  const { access } = session;
  const own = uses(random, access, { from: start + SECOND, until: start + 10 * MINUTE, gap: HABIT });
  const theirs = uses(random, access, { from: start + 10 * MINUTE, until: start + 13 * MINUTE, gap: HABIT / TIMES });
  return attacked("velocity", { token: access.id }, [...seen, ...own], theirs);
}

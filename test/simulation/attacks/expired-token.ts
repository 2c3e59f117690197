import { randomFor } from "../seeded.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, uses, victim } from "./victim.ts";

/** A token found in a log is tried every two minutes for four hours, in the hope that somebody does not look at the time. */
export function expiredToken(seed: number, start: number): Attacked {
  const random = randomFor(seed, "expired token");
  const { session, seen } = victim(random, start);
  const own = uses(random, session.access, { from: start + SECOND, until: start + 14 * MINUTE, gap: 25 * SECOND });
  const from = start + HOUR;
  const context = thief(random);
  const theirs = uses(random, session.access, { from, until: from + 4 * HOUR, gap: 2 * MINUTE, context });
  return attacked("inactive_token_repeated", { token: session.access.id }, [...seen, ...own], theirs);
}

import { SERVICES } from "../callers.ts";
import { introspected } from "../observe.ts";
import { between, randomFor } from "../seeded.ts";
import { MINUTE, SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, uses, victim } from "./victim.ts";

const TRIES = 30;

/** The victim logs out; the thief, who does not know, tries the token again and again. */
export function revokedToken(seed: number, start: number): Attacked {
  const random = randomFor(seed, "revoked token");
  const { session, seen } = victim(random, start);
  const own = uses(random, session.access, { from: start + SECOND, until: start + 3 * MINUTE, gap: 20 * SECOND });
  const context = thief(random);
  let at = start + 4 * MINUTE;
  const theirs = Array.from({ length: TRIES }, () => {
    at += between(random, 10 * SECOND, 25 * SECOND);
    return introspected(random, { at, by: random.oneOf(SERVICES), context }, "revoked", session.access);
  });
  return attacked("inactive_token_repeated", { token: session.access.id }, [...seen, ...own], theirs);
}

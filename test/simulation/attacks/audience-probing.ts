import { introspected } from "../observe.ts";
import { between, randomFor } from "../seeded.ts";
import { MINUTE, SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, uses, victim } from "./victim.ts";

const AUDIENCES = 20;

/** One token is carried from service to service, to see where it opens a door. */
export function audienceProbing(seed: number, start: number): Attacked {
  const random = randomFor(seed, "audience probing");
  const { session, seen } = victim(random, start);
  const own = uses(random, session.access, { from: start + SECOND, until: start + 4 * MINUTE, gap: 25 * SECOND });
  const context = thief(random);
  let at = start + 5 * MINUTE;
  const theirs = Array.from({ length: AUDIENCES }, (_, index) => {
    at += between(random, 2 * SECOND, 8 * SECOND);
    const by = { name: `internal-${index}`, audience: `https://internal-${index}.example`, forwards: true };
    return introspected(random, { at, by, context }, "audience_mismatch", session.access);
  });
  return attacked("audience_probing", { token: session.access.id }, [...seen, ...own], theirs);
}

import { randomFor } from "../seeded.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, uses, victim } from "./victim.ts";

const FINDERS = 40;

/** A token of an hour is shared on a page for pasting: forty strangers try it, from forty networks. */
export function pastedToken(seed: number, start: number): Attacked {
  const random = randomFor(seed, "pasted token");
  const { session, seen } = victim(random, start, { accessLifetime: HOUR });
  const { access } = session;
  const own = uses(random, access, { from: start + SECOND, until: start + 10 * MINUTE, gap: 25 * SECOND });
  const theirs = Array.from({ length: FINDERS }, () => {
    const from = start + 10 * MINUTE + random.below(48 * MINUTE);
    return uses(random, access, { from, until: from + 20 * SECOND, gap: 8 * SECOND, context: thief(random) });
  });
  const hostile = theirs.flat().toSorted((one, other) => one.at - other.at);
  return attacked("many_networks", { token: access.id }, [...seen, ...own], hostile);
}

import { between, randomFor } from "../seeded.ts";
import { MINUTE, SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, uses, victim } from "./victim.ts";

/** A thief uses the victim's token from another network and with another user agent, while the victim goes on. */
export function stolenAccessToken(seed: number, start: number): Attacked {
  const random = randomFor(seed, "stolen access token");
  const { session, seen } = victim(random, start);
  const { access } = session;
  const own = uses(random, access, { from: start + SECOND, until: start + 14 * MINUTE, gap: 25 * SECOND });
  const from = start + between(random, 3, 6) * MINUTE;
  const theirs = uses(random, access, { from, until: from + 5 * MINUTE, gap: 10 * SECOND, context: thief(random) });
  return attacked("new_network_or_user_agent", { token: access.id }, [...seen, ...own], theirs);
}

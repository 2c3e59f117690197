import { SERVICES } from "../callers.ts";
import type { Observation } from "../observation.ts";
import { introspected, issued, refreshed } from "../observe.ts";
import { between } from "../seeded.ts";
import { logIn, rotate } from "../session.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { behaviour } from "../world.ts";
import { atHome } from "./web-sessions.ts";

const PEOPLE = 400;
/** Tuesday and Thursday, in the afternoon. */
const DEPLOYS = [DAY + 14 * HOUR, 3 * DAY + 15 * HOUR] as const;
/** In which every cache that was emptied is filled again. */
const HERD = 15 * SECOND;
/** Of clients, those whose refresh is cut off by the restart. */
const CUT_OFF = 0.05;

/** People who are there when everything restarts: each service asks for their tokens again at once. */
export const deploys = behaviour("deploys", PEOPLE, (world, random, index) => {
  const where = atHome(world, random);
  const holder = { subject: `present-${index}`, client: "web", format: "access_jwt" } as const;
  const seen: Observation[] = [];
  for (const after of DEPLOYS) {
    const began = world.start + after - between(random, MINUTE, 10 * MINUTE);
    const restart = world.start + after + between(random, 0, HERD);
    const session = logIn(holder, began, where(began));
    seen.push(issued(random, began, where(began), session.access));
    for (const by of SERVICES) {
      const at = restart + between(random, 0, 800);
      seen.push(introspected(random, { at, by, context: where(at) }, "active", session.access));
    }
    if (!random.chance(CUT_OFF)) continue;
    const next = rotate(session, restart + SECOND, where(restart));
    for (const [at, outcome] of [
      [restart + SECOND, "rotated"],
      [restart + 5 * SECOND, "retried"],
    ] as const) {
      seen.push(refreshed(random, { at, context: where(at) }, outcome, session, next));
    }
  }
  return seen.toSorted((one, other) => one.at - other.at);
});

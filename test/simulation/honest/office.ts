import { MINUTE, SECOND } from "../time.ts";
import { behaviour } from "../world.ts";
import { officeAddress } from "./company-addresses.ts";
import { live } from "./person.ts";
import { browserAgent } from "./user-agents.ts";
import { browserOf } from "./web-sessions.ts";

const PEOPLE = 1_000;

/** A thousand people behind one address, a third of whom come between eight and ten. */
export const officeWorkers = behaviour("office behind one address", PEOPLE, (world, random, index) => {
  const agent = browserAgent(world, random);
  const clientIp = officeAddress(Math.floor(index / PEOPLE));
  const person = browserOf(random, `office-${index}`);
  return live(
    world,
    {
      ...person,
      rhythm: { sittings: 1.4, length: 7 * MINUTE, hours: "office" },
      where: (at) => ({ clientIp, userAgent: agent(at) }),
      habits: { ...person.habits, gap: 40 * SECOND },
    },
    random,
  );
});

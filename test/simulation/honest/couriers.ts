import { HOUR, MINUTE, SECOND } from "../time.ts";
import { behaviour } from "../world.ts";
import { fallback, journey } from "./mobile-journey.ts";
import { live } from "./person.ts";
import { appAgent } from "./user-agents.ts";
import { browserHabits, pages } from "./web-sessions.ts";

const PEOPLE = 10;

/** Phones that are in use for hours while they are on the way. */
export const couriers = behaviour("couriers", PEOPLE, (world, random, index) => {
  const address = journey(world, random, { stay: 6 * MINUTE, wifi: 0 });
  const agent = appAgent(world, random);
  return live(
    world,
    {
      holder: { subject: `courier-${index}`, client: "app", format: "access_jwt" },
      rhythm: { sittings: 2, length: 2 * HOUR, hours: "office" },
      where: (at) => ({ clientIp: address(at), userAgent: agent(at) }),
      elsewhere: (at) => ({ clientIp: fallback(random), userAgent: agent(at) }),
      asks: pages(random),
      habits: { ...browserHabits(random), gap: 45 * SECOND, lostAnswers: 0.03, logsOut: 0.01 },
    },
    random,
  );
});

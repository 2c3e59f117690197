import { between } from "../seeded.ts";
import { MINUTE, SECOND } from "../time.ts";
import { behaviour } from "../world.ts";
import { fallback, journey } from "./mobile-journey.ts";
import { live } from "./person.ts";
import { appAgent } from "./user-agents.ts";
import { pages } from "./web-sessions.ts";

const PEOPLE = 400;

/** Phones: short and frequent, in another network every hour or so, and with answers that get lost in tunnels. */
export const mobileUsers = behaviour("mobile users", PEOPLE, (world, random, index) => {
  const address = journey(world, random);
  const agent = appAgent(world, random);
  return live(
    world,
    {
      holder: { subject: `mobile-${index}`, client: "app", format: "access_jwt" },
      rhythm: { sittings: 6, length: 3 * MINUTE, hours: "waking" },
      where: (at) => ({ clientIp: address(at), userAgent: agent(at) }),
      elsewhere: (at) => ({ clientIp: fallback(random), userAgent: agent(at) }),
      asks: pages(random),
      habits: {
        gap: 25 * SECOND,
        lostAnswers: 0.02,
        twoTabs: 0.004,
        clockBehind: random.chance(0.15) ? between(random, 1, 60) * SECOND : 0,
        looksAtExpiry: random.chance(0.8),
        logsOut: 0.005,
        asksTooEarly: 0.002,
      },
    },
    random,
  );
});

import type { Random } from "../../chaos/random.ts";
import { type Caller, SERVICES } from "../callers.ts";
import { between } from "../seeded.ts";
import { DAY, MINUTE, SECOND } from "../time.ts";
import { timeline } from "../timeline.ts";
import { behaviour, type World } from "../world.ts";
import { householdNetwork, temporaryAddress } from "./addresses.ts";
import { type Habits, live, type Person } from "./person.ts";
import { browserAgent } from "./user-agents.ts";

const PEOPLE = 530;
/** Of households, those that reach the services over IPv6. */
const IPV6 = 0.4;
/** Of households, those whose line gets another address each night. */
const RENUMBERED = 0.15;

/** Browsers at home: one network, or another each night; over IPv6 a new temporary address a day. */
export const webSessions = behaviour("web sessions", PEOPLE, (world, random, index) =>
  live(world, { ...browserOf(random, `web-${index}`), where: atHome(world, random) }, random),
);

/** Somebody at a browser, wherever that is. */
export function browserOf(random: Random, subject: string): Omit<Person, "where"> {
  return {
    holder: { subject, client: "web", format: random.chance(0.7) ? "access_jwt" : "access_opaque" },
    rhythm: { sittings: 1.2, length: 12 * MINUTE, hours: "waking" },
    asks: pages(random),
    habits: browserHabits(random),
  };
}

/** What different pages ask for: one to three services. */
export function pages(random: Random): readonly (readonly Caller[])[] {
  const used = Array.from({ length: 3 }, () => random.oneOf(SERVICES));
  return [used.slice(0, 1), used.slice(0, 2), used];
}

export function browserHabits(random: Random): Habits {
  return {
    gap: 25 * SECOND,
    lostAnswers: 0.003,
    twoTabs: 0.01,
    clockBehind: random.chance(0.1) ? between(random, 1, 60) * SECOND : 0,
    looksAtExpiry: random.chance(0.85),
    logsOut: 0.08,
    asksTooEarly: 0.01,
  };
}

/** Of one household, behind a line that keeps its address or gets another each night. */
export function atHome(world: World, random: Random): Person["where"] {
  const agent = browserAgent(world, random);
  const [overIpv6, renumbered] = [random.chance(IPV6), random.chance(RENUMBERED)];
  let network = householdNetwork(random);
  const nights = Array.from({ length: Math.ceil((world.end - world.start) / DAY) }, (_, day) => {
    if (renumbered) network = householdNetwork(random);
    return { from: world.start + day * DAY, value: overIpv6 ? temporaryAddress(random, network.ipv6) : network.ipv4 };
  });
  const address = timeline(nights);
  return (at) => ({ clientIp: address(at), userAgent: agent(at) });
}

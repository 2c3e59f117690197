import type { Random } from "../../chaos/random.ts";
import { MINUTE } from "../time.ts";
import { behaviour } from "../world.ts";
import { proxyAddresses } from "./company-addresses.ts";
import { live } from "./person.ts";
import { browserAgent } from "./user-agents.ts";
import { browserOf } from "./web-sessions.ts";

const PEOPLE = 80;
const COMPANY = 40;

/** People whose company sends each of their requests out through another of its proxies. */
export const corporateProxies = behaviour("corporate proxies", PEOPLE, (world, random, index) => {
  const agent = browserAgent(world, random);
  const exit = exitsOf(Math.floor(index / COMPANY), random);
  return live(
    world,
    {
      ...browserOf(random, `employee-${index}`),
      rhythm: { sittings: 2, length: 10 * MINUTE, hours: "office" },
      where: (at) => ({ clientIp: exit(), userAgent: agent(at) }),
    },
    random,
  );
});

function exitsOf(company: number, random: Random): () => string {
  const addresses = proxyAddresses(company);
  return () => random.oneOf(addresses);
}

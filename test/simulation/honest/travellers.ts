import { between } from "../seeded.ts";
import { DAY, HOUR } from "../time.ts";
import { behaviour } from "../world.ts";
import { householdNetwork } from "./addresses.ts";
import { live } from "./person.ts";
import { atHome, browserOf } from "./web-sessions.ts";

const PEOPLE = 40;

/** Laptops that go to another country once: from home through an airport to a hotel, with the session of home. */
export const travellers = behaviour("travellers", PEOPLE, (world, random, index) => {
  const home = atHome(world, random);
  const [airport, hotel] = [householdNetwork(random).ipv4, householdNetwork(random).ipv4];
  const leaves = between(random, world.start + DAY, world.end - DAY);
  const arrives = leaves + between(random, 5, 12) * HOUR;
  return live(
    world,
    {
      ...browserOf(random, `traveller-${index}`),
      where: (at) => (at < leaves ? home(at) : { ...home(at), clientIp: at < arrives ? airport : hotel }),
    },
    random,
  );
});

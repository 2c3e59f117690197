import { gatewayFor, SERVICES } from "../callers.ts";
import { behaviour } from "../world.ts";
import { live } from "./person.ts";
import { atHome, browserOf } from "./web-sessions.ts";

const PEOPLE = 60;

/** People behind a gateway that asks for the same token three times, once for the audience of each service behind it. */
export const gatewayUsers = behaviour("gateway asking for three", PEOPLE, (world, random, index) => {
  const three = SERVICES.slice(0, 3).map(({ audience }) => gatewayFor(audience));
  return live(world, { ...browserOf(random, `gateway-${index}`), where: atHome(world, random), asks: [three] }, random);
});

import { SERVICES } from "../callers.ts";
import { introspected, issued } from "../observe.ts";
import { between, exponential } from "../seeded.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import { behaviour } from "../world.ts";
import { machineAddress } from "./company-addresses.ts";
import { machineToken } from "./machine-token.ts";

const FLEETS = 1;
const MACHINES = 50;
const DATA_CENTRES = 6;
/** Of all its machines together. */
const GAP = 14 * SECOND;

/** Fifty machines in six networks that share one token, as fleets do whose secret store hands it out. */
export const fleets = behaviour("fleets sharing a token", FLEETS, function* act(world, random, index) {
  const userAgent = "fleet-agent/2.3";
  for (let hour = world.start; hour < world.end; hour += HOUR) {
    const issuedTo = { clientIp: machineAddress(index * DATA_CENTRES, 0), userAgent };
    const token = machineToken(`fleet-${index}`, hour, issuedTo);
    yield issued(random, hour, issuedTo, token);
    const ends = hour + HOUR - MINUTE;
    for (let at = hour + between(random, 1, 1_000); at < ends; at += 1 + exponential(random, GAP)) {
      const machine = random.below(MACHINES);
      const clientIp = machineAddress(index * DATA_CENTRES + (machine % DATA_CENTRES), machine);
      yield introspected(random, { at, by: random.oneOf(SERVICES), context: { clientIp, userAgent } }, "active", token);
    }
  }
});

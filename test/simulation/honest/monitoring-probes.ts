import { SERVICES } from "../callers.ts";
import { introspected } from "../observe.ts";
import { between } from "../seeded.ts";
import { MINUTE } from "../time.ts";
import { behaviour } from "../world.ts";
import { machineAddress } from "./company-addresses.ts";

const PROBES = 2;

/** Monitoring that sends what is no token every minute, and is content when it is refused. */
export const monitoringProbes = behaviour("monitoring probes", PROBES, function* act(world, random, index) {
  const context = { clientIp: machineAddress(15, 1 + (index % 200)), userAgent: "probe/1.0" };
  const by = SERVICES[index % SERVICES.length] ?? random.oneOf(SERVICES);
  for (let minute = world.start; minute < world.end; minute += MINUTE) {
    yield introspected(random, { at: minute + between(random, 0, 999), by, context }, "malformed");
  }
});

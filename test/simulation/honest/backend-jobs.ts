import type { Random } from "../../chaos/random.ts";
import { SERVICES } from "../callers.ts";
import type { Observation } from "../observation.ts";
import { introspected, issued } from "../observe.ts";
import { between, exponential } from "../seeded.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import { behaviour, type World } from "../world.ts";
import { machineAddress } from "./company-addresses.ts";
import { machineToken } from "./machine-token.ts";

const JOBS = 2;
/** Between two looks for new work. */
const POLL = 30 * SECOND;
/** At a fixed minute of every hour, for so long, so often. */
const BURST = 15 * SECOND;
const GAP_IN_BURST = 200;
/** Once a night all is gone through, at the pace of a burst. */
const LONG_BURST = 3 * MINUTE;
const LONG_BURST_AT_HOUR = 2;

/** Jobs that look for work with one token an hour, and at a fixed minute use it a hundred times as often. */
export const backendJobs = behaviour("backend jobs", JOBS, function* act(world, random, index) {
  const context = { clientIp: machineAddress(index, 1), userAgent: "batch/4.1" };
  const minute = 5 + ((index * 13) % 50);
  for (let hour = world.start; hour < world.end; hour += HOUR) {
    const token = machineToken(`job-${index}`, hour + index, context);
    yield issued(random, hour + index, context, token);
    yield* work(world, random, hour, minute * MINUTE, (at) => {
      const by = SERVICES[index % SERVICES.length] ?? random.oneOf(SERVICES);
      return introspected(random, { at, by, context }, "active", token);
    });
  }
});

function* work(
  { start }: World,
  random: Random,
  hour: number,
  burstAfter: number,
  use: (at: number) => Observation,
): Generator<Observation, void, undefined> {
  const long = ((hour - start) / HOUR) % 24 === LONG_BURST_AT_HOUR;
  const burstEnds = hour + burstAfter + (long ? LONG_BURST : BURST);
  const ends = hour + HOUR - MINUTE;
  for (let at = hour + between(random, 1, POLL); at < ends;) {
    yield use(at);
    const inBurst = at >= hour + burstAfter && at < burstEnds;
    const next = at + Math.max(1, inBurst ? exponential(random, GAP_IN_BURST) : POLL);
    // The burst begins on time, whenever the last look was.
    at = at < hour + burstAfter ? Math.min(next, hour + burstAfter) : next;
  }
}

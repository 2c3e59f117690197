import { SERVICES } from "../callers.ts";
import { networkOf } from "../network-of.ts";
import { randomFor } from "../seeded.ts";
import { type Attacked, attacked } from "./attack.ts";
import { unrecognised } from "./unrecognised.ts";

const SCANNER = { clientIp: "198.51.100.23", userAgent: "nuclei/3.4" };

/** A scanner sends whatever it has to every service. */
export function malformedBurst(seed: number, start: number): Attacked {
  const random = randomFor(seed, "malformed burst");
  const services = SERVICES.filter(({ forwards }) => forwards);
  const theirs = unrecognised(random, {
    outcome: "malformed",
    from: start,
    count: 400,
    gap: 150,
    by: () => random.oneOf(services),
    context: () => SCANNER,
  });
  return attacked("bad_token_burst", { network: networkOf(SCANNER.clientIp) }, [], theirs);
}

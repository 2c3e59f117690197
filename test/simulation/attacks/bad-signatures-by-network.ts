import { SERVICES } from "../callers.ts";
import { networkOf } from "../network-of.ts";
import { keyIdAt } from "../observe.ts";
import { between, randomFor } from "../seeded.ts";
import { type Attacked, attacked } from "./attack.ts";
import { unrecognised } from "./unrecognised.ts";

/** Forged tokens from one network, spread over all services so that none of them sees many. */
export function badSignaturesByNetwork(seed: number, start: number): Attacked {
  const random = randomFor(seed, "bad signatures by network");
  const services = SERVICES.filter(({ forwards }) => forwards);
  const theirs = unrecognised(random, {
    outcome: "bad_signature",
    from: start,
    count: 120,
    gap: 1_000,
    by: () => random.oneOf(services),
    context: () => ({ clientIp: `203.0.113.${between(random, 1, 254)}`, userAgent: "python-requests/2.32.5" }),
    keyId: keyIdAt,
  });
  return attacked("bad_token_burst", { network: networkOf("203.0.113.1") }, [], theirs);
}

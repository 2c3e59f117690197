import type { Random } from "../../chaos/random.ts";
import { SERVICES } from "../callers.ts";
import type { Observation } from "../observation.ts";
import { introspected } from "../observe.ts";
import { between, exponential } from "../seeded.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { behaviour } from "../world.ts";
import { machineAddress } from "./company-addresses.ts";

const CLIENTS = 12;
/** A partner changes its keys on Thursday morning. */
const CHANGES_AFTER = 3 * DAY + 10 * HOUR;
/** Until its new keys have been fetched: Assay asks an issuer again at most so often. */
const KEYS_UNKNOWN_FOR = 20 * SECOND;

/** Clients of a foreign issuer that changes keys: for a moment the new key is unknown, and whoever kept an old token tries it. */
export const keyRotation = behaviour("key rotation of an issuer", CLIENTS, (world, random, index) => {
  const changed = world.start + CHANGES_AFTER;
  return [...tooEarly(changed, random, index), ...tooLate(changed + DAY, random, index)];
});

function* tooEarly(changed: number, random: Random, index: number): Generator<Observation, void, undefined> {
  const context = { clientIp: machineAddress(20 + index, 1), userAgent: "partner/7" };
  const ends = changed + KEYS_UNKNOWN_FOR;
  for (let at = changed + exponential(random, 5 * SECOND); at < ends; at += 1 + exponential(random, 5 * SECOND)) {
    const by = random.oneOf(SERVICES);
    yield introspected(random, { at, by, context, keyId: "partner-new" }, "unknown_key");
  }
}

/** The old key is gone a day later; a cache that did not notice is emptied by hand. */
function* tooLate(gone: number, random: Random, index: number): Generator<Observation, void, undefined> {
  const context = { clientIp: machineAddress(20 + index, 1), userAgent: "partner/7" };
  let at = gone + between(random, 1, HOUR);
  for (let left = random.below(7); left > 0; left--) {
    yield introspected(random, { at, by: random.oneOf(SERVICES), context, keyId: "partner-old" }, "unknown_key");
    at += between(random, MINUTE, 3 * MINUTE);
  }
}

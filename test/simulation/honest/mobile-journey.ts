import type { Random } from "../../chaos/random.ts";
import { exponential } from "../seeded.ts";
import { MINUTE } from "../time.ts";
import { type Step, timeline } from "../timeline.ts";
import type { World } from "../world.ts";
import { carrierAddress, carrierNetwork, householdNetwork, temporaryAddress } from "./addresses.ts";

type Network = ReturnType<typeof householdNetwork>;

/** How long a phone stays in one network on average, and the share of its time that it has Wi-Fi. */
const AT_LEISURE = { stay: 75 * MINUTE, wifi: 0.5 };
const STAY_UNDER_WAY = 6 * MINUTE;
/** Of moves, those that begin a way with more moves; and how many those are. */
const WAYS = 0.08;
const MOVES_UNDER_WAY = 6;
const IPV6 = 0.5;

/** A phone's addresses: it moves between Wi-Fi at home and at work and two carriers, which give it another address each time. */
export function journey({ start, end }: World, random: Random, { stay, wifi } = AT_LEISURE): (at: number) => string {
  const known = [householdNetwork(random), householdNetwork(random)];
  const carriers = [random.below(16), random.below(16)];
  const steps: Step<string>[] = [];
  let underWay = 0;
  for (let from = start; from < end; from += exponential(random, underWay > 0 ? STAY_UNDER_WAY : stay)) {
    underWay = underWay > 0 ? underWay - 1 : random.chance(WAYS) ? MOVES_UNDER_WAY : 0;
    const value = underWay === 0 && random.chance(wifi) ? overWifi(known, random) : overCarrier(carriers, random);
    steps.push({ from, value });
  }
  return timeline(steps);
}

/** The other way out of where a phone is: what it falls back to when its network fails. */
export function fallback(random: Random): string {
  return overCarrier([random.below(16)], random);
}

function overWifi(known: readonly Network[], random: Random): string {
  const { ipv4, ipv6 } = random.oneOf(known);
  return random.chance(IPV6) ? temporaryAddress(random, ipv6) : ipv4;
}

/** The public address of a carrier's NAT, or an address in the network that the carrier gives the phone for this attachment. */
function overCarrier(carriers: readonly number[], random: Random): string {
  const carrier = random.oneOf(carriers);
  if (random.chance(IPV6)) return temporaryAddress(random, carrierNetwork(random, carrier));
  return carrierAddress(random, carrier);
}

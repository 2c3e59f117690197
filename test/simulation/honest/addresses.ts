import type { Random } from "../../chaos/random.ts";

/**
 * Addresses that belong to nobody: private and shared ranges stand for public ones, since those for documentation hold too few
 * networks.
 */
const HOUSEHOLDS = 10;
const CARRIER_NETWORKS = 64;
const GROUP = 2 ** 16;

/** A household's own, of which each has one. */
export function householdNetwork(random: Random): { ipv4: string; ipv6: string } {
  return {
    ipv4: `${HOUSEHOLDS}.${random.below(256)}.${random.below(256)}.${1 + random.below(254)}`,
    ipv6: `2001:db8:${group(random)}:${group(random)}`,
  };
}

/** One of a carrier's public addresses, which many share: anywhere within its 64 networks. */
export function carrierAddress(random: Random, carrier: number): string {
  return `100.${64 + carrier}.${random.below(CARRIER_NETWORKS)}.${1 + random.below(254)}`;
}

/** The network that a carrier gives to a phone for as long as it stays attached. */
export function carrierNetwork(random: Random, carrier: number): string {
  return `2001:db8:${(GROUP - 1 - carrier).toString(16)}:${group(random)}`;
}

/** Within an IPv6 network: temporary, as RFC 8981 has devices make them. */
export function temporaryAddress(random: Random, network: string): string {
  return `${network}:${group(random)}:${group(random)}:${group(random)}:${group(random)}`;
}

function group(random: Random): string {
  return random.below(GROUP).toString(16);
}

import { type LookupAddress, type LookupAllOptions, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { KeyFetchError } from "./key-fetch-error.ts";

/** Which addresses keys may be fetched from: an issuer's name must not lead to what only this machine can reach. */
export type AddressRule = "public" | "loopback" | "any";

/** RFC 6890 and its registry: private, link-local (cloud metadata among them), loopback, documentation, multicast. */
const NOT_PUBLIC_IPV4 = blockList("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
]);
/** Of IPv6 only this is public, but for what embeds an IPv4 address or is set aside. */
const GLOBAL_IPV6 = blockList("ipv6", [["2000::", 3]]);
const NOT_PUBLIC_IPV6 = blockList("ipv6", [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
]);
const LOOPBACK_IPV4 = blockList("ipv4", [["127.0.0.0", 8]]);

export function isReachable(address: string, rule: AddressRule): boolean {
  if (rule === "any") return true;
  const isIPv4 = isIP(address) === 4;
  if (rule === "loopback") return isIPv4 ? LOOPBACK_IPV4.check(address, "ipv4") : address === "::1";
  if (isIPv4) return !NOT_PUBLIC_IPV4.check(address, "ipv4");
  return GLOBAL_IPV6.check(address, "ipv6") && !NOT_PUBLIC_IPV6.check(address, "ipv6");
}

/**
 * A look-up for `node:net`, which connects to what this returns and asks no further: a name that changes its address between
 * a check and the connection gains nothing. Literal addresses are not looked up: check them before.
 */
export function lookupReachable(rule: AddressRule): LookupFunction {
  return (hostname, options, answer) => {
    const all: LookupAllOptions = { ...options, all: true };
    lookup(hostname, all, (error, found) => {
      const addresses = error === null ? found.filter(({ address }) => isReachable(address, rule)) : [];
      const [first] = addresses;
      if (first === undefined) answer(error ?? forbiddenAddress(hostname), "", 0);
      else if (options.all === true) answer(null, addresses);
      else answer(null, first.address, first.family);
    });
  };
}

export function forbiddenAddress(hostname: string): KeyFetchError {
  return new KeyFetchError(
    "forbidden_address",
    `${hostname} has no public address: if its keys are meant to come from there, set keys.allow_private_addresses for this issuer`,
  );
}

function blockList(
  family: "ipv4" | "ipv6",
  subnets: readonly (readonly [LookupAddress["address"], number])[],
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
}

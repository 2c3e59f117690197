import { type LookupAddress, type LookupAllOptions, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Which addresses a request may go to: a name that others control must not lead to what only this machine can reach. */
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

export type ReachRule = {
  /** Plain http is allowed for nothing but loopback, wherever the name leads. */
  allowPrivateAddresses: boolean;
  /** What is thrown for a host that has no address that is allowed. */
  forbidden: (hostname: string) => Error;
};

/**
 * How a request to a URL looks up its host. @throws the error of the rule, for a literal address that is not allowed
 */
export function reachableLookup(url: URL, { allowPrivateAddresses, forbidden }: ReachRule): LookupFunction {
  const rule = url.protocol === "http:" ? "loopback" : allowPrivateAddresses ? "any" : "public";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !isReachable(host, rule)) throw forbidden(host);
  return lookupReachable(rule, forbidden);
}

/**
 * A look-up for `node:net`, which connects to what this returns and asks no further: a name that changes its address between
 * a check and the connection gains nothing. Literal addresses are not looked up: check them before.
 */
export function lookupReachable(rule: AddressRule, forbidden: ReachRule["forbidden"]): LookupFunction {
  return (hostname, options, answer) => {
    const all: LookupAllOptions = { ...options, all: true };
    lookup(hostname, all, (error, found) => {
      const addresses = error === null ? found.filter(({ address }) => isReachable(address, rule)) : [];
      const [first] = addresses;
      if (first === undefined) answer(error ?? forbidden(hostname), "", 0);
      else if (options.all === true) answer(null, addresses);
      else answer(null, first.address, first.family);
    });
  };
}

function blockList(
  family: "ipv4" | "ipv6",
  subnets: readonly (readonly [LookupAddress["address"], number])[],
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
}

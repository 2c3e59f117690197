/** The network of an address as an operator would draw it: the /24 of an IPv4 address, the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  const separator = address.includes(":") ? ":" : ".";
  const parts = address.split(separator);
  return parts.slice(0, separator === ":" ? 4 : 3).join(separator);
}

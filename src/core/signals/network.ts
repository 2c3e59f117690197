import { scramble } from "./text-hash.ts";

const [ZERO, NINE, LETTERS] = [0x30, 0x39, 0x20];
const [DOT, COLON] = [0x2e, 0x3a];
const GROUPS = 8;
const [IPV4, IPV6] = [4, 6];

/** Written anew by each call: a call is done before the next begins. */
const groups = new Uint16Array(GROUPS);

/**
 * The network of an IP address as a number of 32 bits under a seed, never 0: the /24 of an IPv4 address, also of one within IPv6 (RFC 4291
 * section 2.5.5.2), the /56 of another. A line at home is given a /56 or less, of which its devices may use any (RFC 6177); a /48
 * would be 256 lines at once, and a /64 one of the subnets of one.
 * @returns 0 for what is no address
 */
export function networkNumber(seed: number, address: string): number {
  const version = read(address);
  if (version === 0) return 0;
  const [a = 0, b = 0, c = 0, d = 0] = [groups[0], groups[1], groups[2], groups[3]];
  if (version === IPV4) return scramble(seed ^ ((a << 8) | (b >>> 8)), IPV4) || 1;
  return scramble(scramble(seed ^ ((a << 16) | b), IPV6), (c << 16) | (d & 0xff00)) || 1;
}

/** The same network in words: `192.0.2.0/24`, `2001:db8:1:200::/56`. Undefined for what is no address. */
export function networkText(address: string): string | undefined {
  const version = read(address);
  if (version === 0) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = groups;
  if (version === IPV4) return `${a >>> 8}.${a & 0xff}.${b >>> 8}.0/24`;
  return `${[a, b, c, d & 0xff00].map((group) => group.toString(16)).join(":")}::/56`;
}

/** Into the groups; an IPv4 address into the first two. @returns the version, 0 for what is no address */
function read(address: string): number {
  if (!address.includes(":")) return readIpv4(address, 0, 0) ? IPV4 : 0;
  if (!readIpv6(address)) return 0;
  if (!isMapped()) return IPV6;
  groups[0] = groups[6] ?? 0;
  groups[1] = groups[7] ?? 0;
  return IPV4;
}

function isMapped(): boolean {
  for (let index = 0; index < 5; index++) if (groups[index] !== 0) return false;
  return groups[5] === 0xffff;
}

function readIpv4(text: string, from: number, group: number): boolean {
  let [parts, part, digits] = [0, 0, 0];
  for (let index = from; index <= text.length; index++) {
    const code = index < text.length ? text.charCodeAt(index) : DOT;
    if (code === DOT) {
      if (digits === 0 || part > 255 || parts === 4) return false;
      const place = group + (parts >>> 1);
      groups[place] = parts % 2 === 0 ? part << 8 : (groups[place] ?? 0) | part;
      parts += 1;
      [part, digits] = [0, 0];
    } else {
      if (code < ZERO || code > NINE || digits === 3) return false;
      part = part * 10 + (code - ZERO);
      digits += 1;
    }
  }
  return parts === 4;
}

function readIpv6(text: string): boolean {
  let [count, gap, group, start] = [0, -1, 0, 0];
  const zone = text.indexOf("%");
  const end = zone < 0 ? text.length : zone;
  for (let index = 0; index <= end; index++) {
    const code = index < end ? text.charCodeAt(index) : COLON;
    if (code === DOT) {
      if (count > GROUPS - 2 || !readIpv4(text, start, count)) return false;
      count += 2;
      break;
    }
    if (code !== COLON) {
      const digit = hexDigit(code);
      if (digit < 0 || index - start === 4) return false;
      group = (group << 4) | digit;
      continue;
    }
    if (index === start) gap = count;
    else if (count === GROUPS) return false;
    else groups[count++] = group;
    [group, start] = [0, index + 1];
  }
  return gap < 0 ? count === GROUPS : spread(gap, count);
}

/** Zeros where `::` stands. */
function spread(gap: number, count: number): boolean {
  groups.copyWithin(GROUPS - (count - gap), gap, count);
  groups.fill(0, gap, GROUPS - (count - gap));
  return true;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const letter = (code | LETTERS) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

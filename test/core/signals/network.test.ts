import { expect, test } from "vitest";
import { networkNumber, networkText } from "../../../src/core/signals/network.ts";

const SEED = 12_345;

test.each([
  ["192.0.2.7", "192.0.2.0/24"],
  ["0.0.0.0", "0.0.0.0/24"],
  ["255.255.255.255", "255.255.255.0/24"],
  ["::ffff:192.0.2.7", "192.0.2.0/24"],
  ["::FFFF:c000:0207", "192.0.2.0/24"],
  ["2001:db8:1:2ff:a:b:c:d", "2001:db8:1:200::/56"],
  ["2001:DB8::1", "2001:db8:0:0::/56"],
  ["2001:db8:0:5::", "2001:db8:0:0::/56"],
  ["::1", "0:0:0:0::/56"],
  ["::", "0:0:0:0::/56"],
  ["fe80::1%eth0", "fe80:0:0:0::/56"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/56"],
])("%s is in %s", (address, network) => {
  expect(networkText(address)).toBe(network);
  expect(networkNumber(SEED, address)).not.toBe(0);
});

test.each([
  "",
  "localhost",
  "192.0.2",
  "192.0.2.7.1",
  "192.0.2.300",
  "1.2.3.",
  "2001:db8:1:2:3:4:5",
  "12345::",
  "g::1",
])("'%s' is in no network", (address) => {
  expect(networkText(address)).toBeUndefined();
  expect(networkNumber(SEED, address)).toBe(0);
});

test.each([
  ["192.0.2.1", "192.0.2.254", true],
  ["192.0.2.1", "192.0.3.1", false],
  ["192.0.2.1", "::ffff:192.0.2.99", true],
  ["2001:db8:1:200::1", "2001:db8:1:2ff::1", true],
  ["2001:db8:1:200::1", "2001:db8:1:300::1", false],
  ["2001:db8:1:200::1", "2001:db9:1:200::1", false],
])("%s and %s are in the same network: %s", (one, other, isSame) => {
  expect(networkNumber(SEED, one) === networkNumber(SEED, other)).toBe(isSame);
  expect(networkText(one) === networkText(other)).toBe(isSame);
});

test("a network has another number under another seed", () => {
  expect(networkNumber(1, HOME_NETWORK)).not.toBe(networkNumber(2, HOME_NETWORK));
});

test("the 65,536 networks of an IPv4 /8 have numbers of their own, but for the few that chance makes alike", () => {
  const addresses = Array.from({ length: 65_536 }, (_, place) => `10.${place >> 8}.${place & 255}.1`);
  const numbers = new Set(addresses.map((address) => networkNumber(SEED, address)));
  expect(numbers.size).toBeGreaterThan(65_530);
});

const HOME_NETWORK = "192.0.2.7";

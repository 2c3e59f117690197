import { expect, test } from "vitest";
import { redisHosts, withoutPassword } from "../../src/config/redis-hosts.ts";

test.each([
  ["redis://u:p@a:1/2", { kind: "standalone", tls: false, hosts: ["a"] }],
  ["rediss://[::1]", { kind: "standalone", tls: true, hosts: ["::1"] }],
  ["redis+sentinel://a:1,[2001:db8::1]:2/name", { kind: "sentinel", tls: false, hosts: ["a", "2001:db8::1"] }],
  ["REDISS+cluster://:p@a,b", { kind: "cluster", tls: true, hosts: ["a", "b"] }],
])("the hosts of %s", (url, expected) => {
  expect(redisHosts(url)).toEqual(expected);
});

test.each([
  "redis://",
  "redis://a,b",
  "redis://a:b",
  "redis+other://a",
  "redis://a?b",
  "http://a",
  "redis+cluster://a,,b",
])("%s is no URL of a Redis", (url) => {
  expect(redisHosts(url)).toBeUndefined();
});

test.each([
  ["rediss+sentinel://u:hush@a:1,b:2/name", "rediss+sentinel://u:***@a:1,b:2/name"],
  ["redis://:hush@[::1]:1", "redis://:***@[::1]:1"],
  ["redis+cluster://a:1,b:2", "redis+cluster://a:1,b:2"],
  ["sqlite:./data/assay.db", "sqlite:./data/assay.db"],
])("%s is shown as %s", (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});

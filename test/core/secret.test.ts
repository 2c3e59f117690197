import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import { Secret } from "../../src/core/secret.ts";

const VALUE = "asy_at_topsecret";
const secret = new Secret(VALUE);

describe("a secret", () => {
  test("is revealed only when asked", () => {
    expect(secret.reveal()).toBe(VALUE);
  });

  test.each<[string, () => string]>([
    ["String()", () => String(secret)],
    ["a template", () => `${secret.toString()} ${String([secret])}`],
    ["JSON", () => JSON.stringify({ token: secret, list: [secret] })],
    ["util.inspect", () => inspect(secret)],
    [
      "util.inspect, with everything shown",
      () => inspect({ a: [secret] }, { showHidden: true, depth: 9, getters: true }),
    ],
    ["util.inspect, without its custom form", () => inspect(secret, { customInspect: false, showHidden: true })],
    ["its properties", () => JSON.stringify([Object.keys(secret), Object.entries(secret)])],
    ["all names it owns", () => Reflect.ownKeys(secret).map(String).join()],
    ["a structured clone", () => inspect(structuredClone(secret))],
    ["the message of an error", () => new Error(String(secret)).message],
    ["an error that carries it", () => inspect(new AssayError("invalid_grant", "no", { cause: secret }))],
    ["a map's keys and values", () => inspect(new Map([[secret, secret]]))],
  ])("never shows in %s", (_name, print) => {
    expect(print()).not.toContain("topsecret");
  });

  test("says that it is left out where text is asked for", () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      "[redacted]",
      '"[redacted]"',
      "[redacted]",
    ]);
  });
});

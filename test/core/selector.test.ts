import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Selector, selectorDigest, selectorsOf } from "../../src/core/selector.ts";

const KEY = randomBytes(32);
const hex = (selector: Selector, key = KEY) => selectorDigest(key, selector).toString("hex");

/** Names made of what a careless encoding would confuse. */
const name = fc.string({ unit: fc.constantFrom("a", ":", ",", '"', "\\", "\0", "|", "é", "\uD800"), maxLength: 4 });
const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({ kind: fc.constant("token" as const), iss: name, jti: name }),
  fc.record({ kind: fc.constant("token_digest" as const), iss: name, digest: name }),
  fc.record({ kind: fc.constant("family" as const), iss: name, sid: name }),
  fc.record({ kind: fc.constant("subject" as const), iss: name, sub: name }),
  fc.record({ kind: fc.constant("client" as const), iss: name, client_id: name }),
  fc.record({ kind: fc.constant("key" as const), iss: name, kid: name }),
  fc.record({ kind: fc.constant("issuer" as const), iss: name }),
);

describe("the digest of a selector", () => {
  test("is 16 bytes, and the same whenever it is asked for", () => {
    expect(selectorDigest(KEY, { kind: "issuer", iss: "i" })).toHaveLength(16);
    expect(hex({ kind: "issuer", iss: "i" })).toBe(hex({ kind: "issuer", iss: "i" }));
  });

  test("is another under another key", () => {
    expect(hex({ kind: "issuer", iss: "i" })).not.toBe(hex({ kind: "issuer", iss: "i" }, randomBytes(32)));
  });

  test("stays the same however many others are asked for between", () => {
    const first = hex({ kind: "client", iss: "i", client_id: "first" });
    const others = Array.from({ length: 3_000 }, (_, place) =>
      hex({ kind: "client", iss: "i", client_id: `${place}` }),
    );
    expect(new Set(others).size).toBe(3_000);
    expect(hex({ kind: "client", iss: "i", client_id: "first" })).toBe(first);
  });

  test("no two selectors share one", () => {
    fc.assert(
      fc.property(selector, selector, (one, other) => {
        expect(hex(one) === hex(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[string, Selector, Selector]>([
    [
      "a separator in the issuer",
      { kind: "family", iss: 'i","s', sid: "x" },
      { kind: "family", iss: "i", sid: 's","x' },
    ],
    ["an issuer and a token without name", { kind: "issuer", iss: "i" }, { kind: "token", iss: "i", jti: "" }],
    ["a jti and a digest", { kind: "token", iss: "i", jti: "x" }, { kind: "token_digest", iss: "i", digest: "x" }],
    [
      "a subject and a client of one name",
      { kind: "subject", iss: "i", sub: "x" },
      { kind: "client", iss: "i", client_id: "x" },
    ],
    ["one subject at two issuers", { kind: "subject", iss: "i", sub: "x" }, { kind: "subject", iss: "j", sub: "x" }],
  ])("%s are told apart", (_name, one, other) => {
    expect(hex(one)).not.toBe(hex(other));
  });
});

describe("the selectors that name an origin", () => {
  test("are its issuer and each name it has", () => {
    const origin = { iss: "i", birth: 1, jti: "t", digest: "d", sid: "s", sub: "u", client_id: "c", kid: "k" };
    expect(selectorsOf(origin)).toEqual([
      { kind: "issuer", iss: "i" },
      { kind: "token", iss: "i", jti: "t" },
      { kind: "token_digest", iss: "i", digest: "d" },
      { kind: "family", iss: "i", sid: "s" },
      { kind: "subject", iss: "i", sub: "u" },
      { kind: "client", iss: "i", client_id: "c" },
      { kind: "key", iss: "i", kid: "k" },
    ]);
  });

  test("are its issuer alone when it has no name", () => {
    expect(selectorsOf({ iss: "i", birth: 1 })).toEqual([{ kind: "issuer", iss: "i" }]);
  });
});

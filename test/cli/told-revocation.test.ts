import { expect, test } from "vitest";
import { jsonOf, sentenceOf } from "../../src/cli/told-revocation.ts";
import type { Revocation, Selector } from "../../src/gen/assay/v1/token_service.ts";

const iss = "https://a.example";
const digest = Buffer.alloc(16, 1);

function revocation(selector: Selector | undefined, more: Partial<Revocation> = {}): Revocation {
  return { digest, selector, expires_at_ms: 1_800_000_000_000, reason: "", ...more };
}

test.each<[string, Selector["names"]]>([
  ["revoked the token j of https://a.example", { $case: "jti", value: "j" }],
  ["revoked the token with the digest d of https://a.example", { $case: "token_digest", value: "d" }],
  ["revoked the family s of https://a.example", { $case: "sid", value: "s" }],
  ["revoked the subject alice of https://a.example", { $case: "sub", value: "alice" }],
  ["revoked the client web of https://a.example", { $case: "client_id", value: "web" }],
  ["revoked the key k of https://a.example", { $case: "key_id", value: "k" }],
  ["revoked the issuer https://a.example", undefined],
])("%s", (sentence, names) => {
  expect(sentenceOf(revocation({ iss, names }))).toBe(sentence);
});

test("a cut-off, for good, and a reason are said", () => {
  const told = revocation(undefined, { born_at_or_before_ms: 0, expires_at_ms: undefined, reason: "why" });
  expect(sentenceOf(told)).toBe(
    "revoked something unknown (digest AQEBAQEBAQEBAQEBAQEBAQ), what was born until 1970-01-01T00:00:00.000Z, for good: why",
  );
});

test("as JSON it has the names of the contract, and leaves out what is not there", () => {
  const told = revocation({ iss, names: { $case: "sub", value: "alice" } }, { born_at_or_before_ms: 7 });
  expect(JSON.parse(JSON.stringify(jsonOf(told)))).toEqual({
    digest: "AQEBAQEBAQEBAQEBAQEBAQ",
    iss,
    sub: "alice",
    born_at_or_before_ms: 7,
    expires_at_ms: 1_800_000_000_000,
  });
});

import { describe, expect, test } from "vitest";
import { API, openTestCore, ORDERS } from "../support/core-environment.ts";
import { stateOf } from "../support/core-requests.ts";
import { type Attack, foreignParty, ownParty, signed, withClaims, withHeader } from "./attack.ts";

type Variant = [name: string, token: Attack["token"]];

/** What is unusual and right: strictness must not go further than it says. */
const VARIANTS: Variant[] = [
  ["typ in capitals", withHeader({ typ: "AT+JWT" })],
  ["typ with application/", withHeader({ typ: "application/at+jwt" })],
  ["typ with application/ in capitals", withHeader({ typ: "Application/AT+JWT" })],
  ["members of the header that mean nothing here", withHeader({ x5t: "abc", iss: "https://evil.example", sub: "eve" })],
  [
    "a header and payload with white space",
    (party) => {
      const [header, payload] = [party.header, party.payload].map((part) => JSON.stringify(part, undefined, 2));
      return signed(party, { ...(header && { header }), ...(payload && { payload }) });
    },
  ],
  [
    "escapes that no member needs",
    (party) => {
      return signed(party, { payload: JSON.stringify(party.payload).replace('"sub"', String.raw`"\u0073ub"`) });
    },
  ],
  [
    "exp with an exponent",
    (party) => {
      const json = JSON.stringify({ ...party.payload, exp: 1 }).replace('"exp":1', `"exp":${party.now / 100 + 1}e2`);
      return signed(party, { payload: json });
    },
  ],
  ["aud as a list", withClaims({ aud: [API] })],
  [
    "many audiences, the caller's last",
    withClaims({ aud: [...Array.from({ length: 63 }, (_, index) => `https://${index}.example`), API] }),
  ],
  ["one audience twice", withClaims({ aud: [API, API] })],
  ["iat at the edge of the leeway", withClaims(({ now }) => ({ iat: now + 10 }))],
  ["nbf now", withClaims(({ now }) => ({ nbf: now }))],
  ["nbf after exp's issue, in the past", withClaims(({ now }) => ({ nbf: now - 300, iat: now - 1 }))],
  ["as long a life as its issuer gives", withClaims(({ now }) => ({ exp: now + 3_600 }))],
  ["a last second of life", withClaims(({ now }) => ({ iat: now - 60, exp: now + 1 }))],
  ["no scope", withClaims({ scope: undefined })],
  ["an empty scope", withClaims({ scope: "" })],
  ["scopes with all signs that are allowed", withClaims({ scope: "!#$%&'()*+,-./:;<=>?@[]^_`{|}~" })],
  ["a subject beyond ASCII", withClaims({ sub: "J\u00FCrgen \u{1F600}" })],
  ["four actors", withClaims({ act: { sub: "d", act: { sub: "c", act: { sub: "b", act: { sub: "a" } } } } })],
  ["further claims of any type", withClaims({ a: null, b: [1, { c: "" }], d: 1e300, constructor: 1, toString: "x" })],
  ["32 levels", withClaims({ deep: JSON.parse(`${"[".repeat(31)}${"]".repeat(31)}`) })],
  ["a lone surrogate in a further claim", withClaims({ further: "\uD800" })],
  ["12,000 bytes", withClaims({ filler: "x".repeat(11_500) })],
];

const FOREIGN_VARIANTS: Variant[] = [
  ["no sub", withClaims({ sub: undefined })],
  ["no client_id", withClaims({ client_id: undefined })],
  ["no jti", withClaims({ jti: undefined })],
  ["no sid", withClaims({ sid: undefined })],
  ["ids that are no UUID", withClaims({ sid: "s", jti: "1" })],
  ["a claim that is called origins", withClaims({ origins: { anything: true } })],
  ["exp within the leeway", withClaims(({ now }) => ({ iat: now - 60, exp: now - 9 }))],
  ["nbf within the leeway", withClaims(({ now }) => ({ nbf: now + 10 }))],
];

const OWN_VARIANTS: Variant[] = [
  ["eight origins", withClaims({ origins: Array.from({ length: 8 }, () => ({ iss: ORDERS, birth: 1 })) })],
];

describe.each([
  ["own", ownParty, [...VARIANTS, ...OWN_VARIANTS]],
  ["foreign", foreignParty, [...VARIANTS, ...FOREIGN_VARIANTS]],
] as const)("a JWT (%s) is active", (_issuer, partyOf, variants) => {
  test.each(variants)("with %s", async (_name, token) => {
    const core = await openTestCore();
    expect(await stateOf(core, token(partyOf(core)))).toBe("active");
  });
});

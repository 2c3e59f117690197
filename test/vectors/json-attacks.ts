import type { Members } from "../support/honest-jwt.ts";
import { type Attack, signed } from "./attack.ts";

/** The JSON of an object with something put in before its first member. */
function prefixed(members: Members, text: string): string {
  return `{${text},${JSON.stringify(members).slice(1)}`;
}

/** Signed by the honest key: only the strictness of the reader stands against these. */
const inPayload = (name: string, text: string): Attack => {
  const token: Attack["token"] = (party) => signed(party, { payload: prefixed(party.payload, text) });
  return { name: `the payload with ${name}`, reason: "malformed", token };
};
const inHeader = (name: string, text: string): Attack => {
  const token: Attack["token"] = (party) => signed(party, { header: prefixed(party.header, text) });
  return { name: `the header with ${name}`, reason: "malformed", token };
};
const asPayload = (name: string, make: (json: string) => string | Buffer): Attack => {
  const token: Attack["token"] = (party) => signed(party, { payload: make(JSON.stringify(party.payload)) });
  return { name: `a payload ${name}`, reason: "malformed", token };
};
const asHeader = (name: string, make: (json: string) => string | Buffer): Attack => {
  const token: Attack["token"] = (party) => signed(party, { header: make(JSON.stringify(party.header)) });
  return { name: `a header ${name}`, reason: "malformed", token };
};

const DOCUMENTS: [string, (json: string) => string | Buffer][] = [
  ["after a byte order mark", (json) => `\uFEFF${json}`],
  ["in UTF-16", (json) => Buffer.from(json, "utf16le")],
  ["with a byte that is no UTF-8", (json) => Buffer.concat([Buffer.from(json), Buffer.from([0xff])])],
  [
    "with a byte that is no UTF-8 in a string",
    (json) => Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xc0, 0xaf]), Buffer.from(`",${json.slice(1)}`)]),
  ],
  ["in a list", (json) => `[${json}]`],
  ["as a string of JSON", (json) => JSON.stringify(json)],
  ["that is null", () => "null"],
  ["that is a number", () => "1"],
  ["that is an empty list", () => "[]"],
  ["with something after it", (json) => `${json}x`],
  ["with a NUL after it", (json) => `${json}\0`],
  ["with another object after it", (json) => json + json],
  ["with a trailing comma", (json) => `${json.slice(0, -1)},}`],
  ["with a comment", (json) => `/**/${json}`],
  ["in single quotes", (json) => json.replaceAll('"', "'")],
  ["that is cut", (json) => json.slice(0, -1)],
  ["that is not JSON", () => "hello"],
];

export const JSON_ATTACKS: readonly Attack[] = [
  ...DOCUMENTS.map(([name, make]) => asPayload(name, make)),
  ...DOCUMENTS.map(([name, make]) => asHeader(name, make)),
  inPayload("exp twice", '"exp":9999999999'),
  inPayload("exp twice, once escaped", String.raw`"\u0065xp":9999999999`),
  inPayload("sub twice", '"sub":"eve"'),
  inPayload("aud twice", '"aud":"https://other.example"'),
  inPayload("iss twice", '"iss":"https://evil.example"'),
  inPayload("iss twice, once escaped", String.raw`"\u0069\u0073\u0073":"https://evil.example"`),
  inPayload("scope twice", '"scope":"admin"'),
  inPayload("jti twice", '"jti":"x"'),
  inPayload("a duplicate in a nested object", '"x":{"a":1,"a":2}'),
  inPayload("a duplicate in an object in a list", '"x":[[{"a":1,"a":2}]]'),
  inPayload("a duplicate in cnf", '"cnf":{"jkt":"x","jkt":"y"}'),
  inPayload("__proto__", '"__proto__":{"sub":"eve"}'),
  inPayload("__proto__, escaped", String.raw`"\u005f\u005fproto__":{"sub":"eve"}`),
  inPayload("__proto__ in a nested object", '"x":{"__proto__":{"a":1}}'),
  inPayload("NaN", '"x":NaN'),
  inPayload("a leading zero", '"x":01'),
  inPayload("32 levels in a member", `"x":${"[".repeat(32)}${"]".repeat(32)}`),
  inPayload("4,000 levels in a member", `"x":${"[".repeat(4_000)}${"]".repeat(4_000)}`),
  inPayload("100,000 levels in a member", `"x":${"[".repeat(100_000)}${"]".repeat(100_000)}`),
  inPayload("4,000 levels that never close", `"x":${"[".repeat(4_000)}`),
  inPayload("4,000 objects that never close", `"x":${'{"a":'.repeat(1_500)}`),
  inHeader("alg twice", '"alg":"none"'),
  inHeader("alg twice, once escaped", String.raw`"\u0061lg":"none"`),
  inHeader("kid twice", '"kid":"x"'),
  inHeader("typ twice", '"typ":"JWT"'),
  inHeader("__proto__", '"__proto__":{"alg":"none"}'),
  inHeader("32 levels in a member", `"x":${"[".repeat(32)}${"]".repeat(32)}`),
];

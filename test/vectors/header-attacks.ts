import { signJws } from "../support/sign-jws.ts";
import { type Attack, signed, withClaims, withHeader } from "./attack.ts";

const notAllowed = (name: string, members: Record<string, unknown>): Attack => {
  return { name, reason: "header_not_allowed", token: withHeader(members) };
};

const TYPES = [undefined, null, "", 1, ["at+jwt"], "JWT", "jwt", "at-jwt", "at+jwt ", "\tat+jwt", "at+jwt;v=1"];
const OTHER_JWTS = [
  "id_token",
  "dpop+jwt",
  "logout+jwt",
  "secevent+jwt",
  "token-introspection+jwt",
  "client-authentication+jwt",
  "JOSE",
];

export const HEADER_ATTACKS: readonly Attack[] = [
  ...[...TYPES, ...OTHER_JWTS].map((typ) => notAllowed(`typ ${JSON.stringify(typ)}`, { typ })),
  notAllowed("typ application/application/at+jwt", { typ: "application/application/at+jwt" }),
  notAllowed("crit that names a claim", { crit: ["exp"], exp: 1 }),
  notAllowed("crit that names an unknown extension", { crit: ["urn:example:x"], "urn:example:x": true }),
  notAllowed("crit that is empty", { crit: [] }),
  notAllowed("crit that is null", { crit: null }),
  notAllowed("crit that repeats itself", { crit: ["b64", "b64"], b64: true }),
  notAllowed("b64 false, critical", { crit: ["b64"], b64: false }),
  notAllowed("b64 false, not critical", { b64: false }),
  notAllowed("b64 true", { b64: true }),
  notAllowed("cty JWT", { cty: "JWT" }),
  notAllowed("enc, as in a JWE", { enc: "A256GCM" }),
  notAllowed("zip", { zip: "DEF" }),
  notAllowed("a kid that is empty", { kid: "" }),
  notAllowed("a kid that is null", { kid: null }),
  notAllowed("a kid that is a number", { kid: 1 }),
  notAllowed("a kid that is a list", { kid: ["own", "foreign"] }),
  notAllowed("a kid of 256 characters", { kid: "k".repeat(256) }),
  {
    name: "a nested token",
    reason: "malformed",
    token: (party) => signed(party, { payload: signed(party) }),
  },
  {
    name: "a nested token that says so",
    reason: "malformed",
    token: (party) => signed(party, { header: { ...party.header, cty: "JWT" }, payload: signed(party) }),
  },
  ...[
    "other",
    "OWN",
    "Foreign",
    "own ",
    "own\0",
    "../own",
    "../../../../dev/null",
    "' OR 1=1 --",
    "own\r\n",
    "__proto__",
    "constructor",
    "https://evil.example/jwks.json",
    "\uD800",
  ].map((kid): Attack => ({ name: `kid ${JSON.stringify(kid)}`, reason: "unknown_key", token: withHeader({ kid }) })),
  { name: "no kid", reason: "unknown_key", token: withHeader({ kid: undefined }) },
  {
    name: "the kid and key of the other issuer, under the same iss",
    reason: { own: "unknown_key", foreign: "algorithm_not_allowed" },
    token: (party) => signJws(party.other.header, party.payload, party.other.key),
  },
  {
    name: "the kid of the other issuer's key, honestly signed",
    reason: "unknown_key",
    token: (party) => withHeader({ kid: party.other.header["kid"] })(party),
  },
  {
    name: "the iss of the other issuer",
    reason: { own: "algorithm_not_allowed", foreign: "unknown_key" },
    token: withClaims((party) => ({ iss: party.other.payload["iss"] })),
  },
  {
    name: "the iss and kid of the other issuer",
    reason: "algorithm_not_allowed",
    token: (party) => {
      const { header, payload } = party.other;
      return signed(party, {
        header: { ...party.header, kid: header["kid"] },
        payload: { ...party.payload, iss: payload["iss"] },
      });
    },
  },
  {
    name: "all that the other issuer says, signed by this one",
    reason: "bad_signature",
    token: (party) => signJws(party.other.header, party.other.payload, party.key),
  },
  ...[
    undefined,
    null,
    1,
    "",
    "https://evil.example",
    ["https://assay.example"],
    ["https://idp.example"],
    { "https://assay.example": 1 },
    "__proto__",
    "constructor",
  ].map((iss): Attack => {
    return { name: `iss ${JSON.stringify(iss)}`, reason: "issuer_not_trusted", token: withClaims({ iss }) };
  }),
  ...[
    ["a slash more", (iss: string) => `${iss}/`],
    ["a port more", (iss: string) => `${iss}:443`],
    ["capitals", (iss: string) => iss.toUpperCase()],
    ["a space more", (iss: string) => `${iss} `],
    ["a NUL more", (iss: string) => `${iss}\0`],
    ["http for https", (iss: string) => iss.replace("https", "http")],
    ["a look-alike letter", (iss: string) => iss.replace("a", "\u0430").replace("i", "\u0456")],
    ["another domain after it", (iss: string) => `${iss}.evil.example`],
  ].map(([name, change]): Attack => {
    const alter = typeof change === "function" ? change : String;
    const token = withClaims((party) => ({ iss: alter(String(party.payload["iss"])) }));
    return { name: `iss with ${String(name)}`, reason: "issuer_not_trusted", token };
  }),
];

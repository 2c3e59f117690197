import type { InactiveReason } from "../../src/core/inactive-reason.ts";
import type { Members } from "../support/honest-jwt.ts";
import { type Attack, type Party, signed, withClaims } from "./attack.ts";

const invalid = (name: string, members: Members): Attack => {
  return { name, reason: "invalid_claims", token: withClaims(members) };
};
const withJson = (name: string, claim: string, json: string, reason: InactiveReason): Attack => {
  const token: Attack["token"] = (party) => {
    const payload = JSON.stringify({ ...party.payload, [claim]: "@" }).replace('"@"', json);
    return signed(party, { payload });
  };
  return { name, reason, token };
};
const at = (name: string, reason: InactiveReason, members: (party: Party) => Members): Attack => {
  return { name, reason, token: withClaims(members) };
};

const actors = (depth: number): unknown => (depth === 0 ? undefined : { sub: `a${depth}`, act: actors(depth - 1) });
const DATES: unknown[] = [null, "1767226200", true, [1], {}, -1, 1_767_226_200.5, 253_402_300_800, 1e21];
const TEXTS: unknown[] = [null, 1, true, ["x"], {}, "", "\uD800", "x".repeat(1_025)];

export const CLAIM_ATTACKS: readonly Attack[] = [
  ...["exp", "iat", "aud"].map((claim) => invalid(`no ${claim}`, { [claim]: undefined })),
  ...["exp", "iat", "nbf", "auth_time"].flatMap((claim) => [
    ...DATES.map((value) => invalid(`${claim} ${JSON.stringify(value)}`, { [claim]: value })),
    withJson(`${claim} 1e400, which is infinite`, claim, "1e400", "malformed"),
    withJson(`${claim} -1e400`, claim, "-1e400", "malformed"),
    withJson(
      `${claim} in the middle of a second, written as 17672262002.5e-1`,
      claim,
      "17672262002.5e-1",
      "invalid_claims",
    ),
  ]),
  ...["sub", "client_id", "jti", "sid", "acr", "username"].flatMap((claim) =>
    TEXTS.map((value) => invalid(`${claim} ${JSON.stringify(value).slice(0, 20)}`, { [claim]: value })),
  ),
  ...[
    [],
    "",
    null,
    1,
    true,
    {},
    [""],
    [1],
    ["https://api.example", null],
    [["https://api.example"]],
    { 0: "https://api.example" },
  ].map((aud) => invalid(`aud ${JSON.stringify(aud)}`, { aud })),
  invalid("65 audiences, the caller's among them", { aud: Array.from({ length: 65 }, () => "https://api.example") }),
  ...[null, 1, ["read"], {}, " read", "read ", "read  write", "read\twrite", 're"ad', "re\\ad", "r\u00E9ad"].map(
    (scope) => invalid(`scope ${JSON.stringify(scope)}`, { scope }),
  ),
  ...[null, "x", 1, true, [], { jkt: 1 }, { jkt: null }, { jkt: "" }, { "x5t#S256": {} }].map((cnf) =>
    invalid(`cnf ${JSON.stringify(cnf)}`, { cnf }),
  ),
  ...[null, "x", 1, [], { act: "x" }, { act: null }, { act: [] }, actors(5)].map((act) =>
    invalid(`act ${JSON.stringify(act).slice(0, 40)}`, { act }),
  ),
  ...[null, "pwd", 1, {}, [], [1], [""]].map((amr) => invalid(`amr ${JSON.stringify(amr)}`, { amr })),
  at("exp at iat", "invalid_claims", ({ now }) => ({ exp: now, iat: now })),
  at("exp before iat", "invalid_claims", ({ now }) => ({ exp: now + 5, iat: now + 6 })),
  at("iat beyond the leeway", "issued_in_future", ({ now }) => ({ iat: now + 11 })),
  at("iat in the year 9999", "issued_in_future", () => ({ iat: 253_402_300_798, exp: 253_402_300_799 })),
  at("a second more of life than its issuer gives", "lifetime_too_long", ({ now }) => ({ exp: now + 3_601 })),
  at("an eternal life", "lifetime_too_long", () => ({ exp: 253_402_300_799 })),
  at("iat 0, so that it lives too long", "lifetime_too_long", () => ({ iat: 0 })),
  at("nbf beyond the leeway", "not_yet_valid", ({ now }) => ({ nbf: now + 11 })),
  at("exp long past", "expired", ({ now }) => ({ iat: now - 600, exp: now - 60 })),
  at("exp and leeway just past", "expired", ({ now }) => ({ iat: now - 600, exp: now - 10 })),
  at("another audience", "audience_mismatch", () => ({ aud: "https://other.example" })),
  at("an audience that only begins like the caller's", "audience_mismatch", () => ({
    aud: "https://api.example.evil",
  })),
  at("an audience in capitals", "audience_mismatch", () => ({ aud: "HTTPS://API.EXAMPLE" })),
  at("audiences in one string", "audience_mismatch", () => ({ aud: "https://api.example https://orders.example" })),
  at("its own issuer as audience", "audience_mismatch", ({ payload }) => ({ aud: payload["iss"] })),
  ...[
    {},
    { jkt: "x" },
    { "x5t#S256": "x" },
    { jwk: {} },
    { kid: "x" },
    { jku: "https://evil.example" },
    { jkt: "x", x: 1 },
  ].map((cnf) => at(`cnf ${JSON.stringify(cnf)} without proof`, "proof_required", () => ({ cnf }))),
];

const ORIGIN = { iss: "https://idp.example", birth: 1_767_225_600_000, jti: "t1" };
const UUID_4 = "017f22e2-79b0-4cc3-98c4-dc0c0c07398f";

/** What our own tokens must say besides, and a foreign one need not. */
export const OWN_CLAIM_ATTACKS: readonly Attack[] = [
  ...["sub", "client_id", "jti", "sid"].map((claim) => invalid(`no ${claim}`, { [claim]: undefined })),
  invalid("a jti that says no birth", { jti: "t1" }),
  invalid("a sid that says no birth", { sid: "s1" }),
  invalid("a jti of UUID version 4", { jti: UUID_4 }),
  invalid("a sid of UUID version 4", { sid: UUID_4 }),
  at("a sid in capitals", "invalid_claims", ({ payload }) => ({ sid: String(payload["sid"]).toUpperCase() })),
  at("a jti with a line end", "invalid_claims", ({ payload }) => ({ jti: `${String(payload["jti"])}\n` })),
  at("exp this very second: ours have no leeway", "expired", ({ now }) => ({ iat: now - 600, exp: now })),
  ...[
    null,
    "x",
    1,
    {},
    [null],
    ["x"],
    [[ORIGIN]],
    [{ ...ORIGIN, iss: undefined }],
    [{ ...ORIGIN, iss: 1 }],
    [{ ...ORIGIN, birth: undefined }],
    [{ ...ORIGIN, birth: "1" }],
    [{ ...ORIGIN, birth: 1.5 }],
    [{ ...ORIGIN, jti: 1 }],
    [{ ...ORIGIN, sub: null }],
    [{ ...ORIGIN, kid: {} }],
    [ORIGIN, {}],
    Array.from({ length: 9 }, () => ORIGIN),
  ].map((origins) => invalid(`origins ${JSON.stringify(origins).slice(0, 110)}`, { origins })),
];

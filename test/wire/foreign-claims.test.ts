import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API } from "../support/server.ts";
import { type Forger, startForger } from "./forger.ts";
import { IDP, type Members } from "./honest-foreign-token.ts";
import { inactive } from "./inactive-answer.ts";

type Row = [name: string, claims: Members, reason: string];

const DAY = 86_400;
const now = Math.floor(Date.now() / 1_000);

let forger: Forger;

beforeAll(async () => {
  forger = await startForger();
});
afterAll(async () => forger.stop());

describe("an honest token", () => {
  test("is active", async () => {
    expect(await forger.answer(forger.token({}, {}))).toMatchObject({ active: true, iss: IDP, aud: [API] });
  });

  test.each<[string, Members, Members]>([
    ["without a kid where one key fits", { kid: undefined }, {}],
    ["of the type application/at+jwt", { typ: "application/at+jwt" }, {}],
    ["of the type AT+JWT", { typ: "AT+JWT" }, {}],
    ["for several audiences", {}, { aud: ["https://elsewhere.example", API] }],
    ["without a jti", {}, { jti: undefined }],
    ["issued within the leeway", {}, { iat: now + 5, exp: now + 600 }],
    ["that lives as long as allowed", {}, { iat: now - 10, exp: now + 3_590 }],
    ["with claims of its own, nested", {}, { tenant: { id: 7, roles: ["a", "b"] } }],
  ])("%s is active", async (_, header, claims) => {
    expect(await forger.answer(forger.token(header, claims))).toMatchObject({ active: true });
  });
});

describe("a token is inactive, though its signature is good, whose claims have", () => {
  const ROWS: readonly Row[] = [
    ["no exp", { exp: undefined }, "INVALID_CLAIMS"],
    ["an exp that is text", { exp: String(now + 600) }, "INVALID_CLAIMS"],
    ["an exp that is null", { exp: null }, "INVALID_CLAIMS"],
    ["an exp that is a fraction", { exp: now + 600.5 }, "INVALID_CLAIMS"],
    ["an exp that is negative", { exp: -1 }, "INVALID_CLAIMS"],
    ["an exp in milliseconds", { exp: (now + 600) * 1_000 }, "INVALID_CLAIMS"],
    ["an exp that is past", { iat: now - 600, exp: now - 60 }, "EXPIRED"],
    ["an exp before its iat", { exp: now - 1 }, "INVALID_CLAIMS"],
    ["no iat", { iat: undefined }, "INVALID_CLAIMS"],
    ["an iat that is text", { iat: String(now) }, "INVALID_CLAIMS"],
    ["an iat in the future", { iat: now + 1_200, exp: now + 1_800 }, "ISSUED_IN_FUTURE"],
    ["an iat in the far past", { iat: now - 30 * DAY }, "LIFETIME_TOO_LONG"],
    ["a lifetime beyond the issuer's greatest", { exp: now + DAY }, "LIFETIME_TOO_LONG"],
    ["an nbf in the future", { nbf: now + 300 }, "NOT_YET_VALID"],
    ["an nbf that is text", { nbf: String(now) }, "INVALID_CLAIMS"],
    ["no aud", { aud: undefined }, "INVALID_CLAIMS"],
    ["an aud that is null", { aud: null }, "INVALID_CLAIMS"],
    ["an empty aud", { aud: "" }, "INVALID_CLAIMS"],
    ["an empty list of aud", { aud: [] }, "INVALID_CLAIMS"],
    ["an aud that is a number", { aud: 7 }, "INVALID_CLAIMS"],
    ["an aud with a number in it", { aud: [API, 7] }, "INVALID_CLAIMS"],
    ["an aud that is an object", { aud: { [API]: true } }, "INVALID_CLAIMS"],
    ["another's aud", { aud: "https://elsewhere.example" }, "AUDIENCE_MISMATCH"],
    ["an aud that begins like the right one", { aud: `${API}/more` }, "AUDIENCE_MISMATCH"],
    ["a jti that is a number", { jti: 7 }, "INVALID_CLAIMS"],
    ["a jti that is a list", { jti: ["one"] }, "INVALID_CLAIMS"],
    ["an empty jti", { jti: "" }, "INVALID_CLAIMS"],
    ["a jti of half a character", { jti: "\ud800" }, "INVALID_CLAIMS"],
    ["a sub that is a number", { sub: 7 }, "INVALID_CLAIMS"],
    ["a client_id that is a list", { client_id: ["portal"] }, "INVALID_CLAIMS"],
    ["a scope that is a list", { scope: ["read"] }, "INVALID_CLAIMS"],
    ["a scope with a control character", { scope: "read\u0000write" }, "INVALID_CLAIMS"],
    ["a cnf that nothing proves", { cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }, "PROOF_REQUIRED"],
    ["an empty cnf", { cnf: {} }, "PROOF_REQUIRED"],
    ["a cnf that is text", { cnf: "none" }, "INVALID_CLAIMS"],
    ["an act that is text", { act: "alice" }, "INVALID_CLAIMS"],
    ["no iss", { iss: undefined }, "ISSUER_NOT_TRUSTED"],
    ["an iss that is a list", { iss: [IDP] }, "ISSUER_NOT_TRUSTED"],
    ["an iss with a slash more", { iss: `${IDP}/` }, "ISSUER_NOT_TRUSTED"],
    ["an iss in capitals", { iss: IDP.toUpperCase() }, "ISSUER_NOT_TRUSTED"],
    ["Assay's own iss", { iss: "https://assay.example" }, "UNKNOWN_KEY"],
  ];

  test.each(ROWS)("%s", async (_, claims, reason) => {
    expect(await forger.answer(forger.token({}, claims))).toEqual(inactive(reason));
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { type DpopExpectation, verifyDpopProof } from "../../../src/core/proof/dpop.ts";
import { dpopProof, hashOf, makeDpopKey } from "../../support/dpop.ts";
import { ATTACKS } from "./dpop-attacks.ts";
import { honestParts, honestPayload, IAT, type Keys, NOW, type Parts, TOKEN, verify } from "./proof-under-attack.ts";

let keys: Keys;
beforeAll(async () => {
  const [own, other, ed25519] = await Promise.all([makeDpopKey(), makeDpopKey(), makeDpopKey("Ed25519")]);
  keys = { own, other, ed25519 };
});

describe("a DPoP proof is refused, and the same proof is good when honest,", () => {
  test.each(ATTACKS)("for %s", async (_name, fault, change) => {
    const honest = honestParts(keys);
    expect(await verify({ ...honest, ...change(keys, honest) })).toBe(fault);
    expect(await verify(honest)).toMatchObject({ jkt: keys.own.jkt });
  });

  test("of a table of more than forty attacks", () => {
    expect(ATTACKS.length).toBeGreaterThan(40);
  });
});

describe("a DPoP proof is good", () => {
  test.each<[string, (honest: Parts) => Partial<Parts>]>([
    ["of exactly the greatest age", () => ({ payload: { ...honestPayload(), iat: IAT - 60 } })],
    ["of a clock that is ahead by the leeway", () => ({ payload: { ...honestPayload(), iat: IAT + 10 } })],
    ["with its host in upper case", () => ({ payload: { ...honestPayload(), htu: "HTTPS://API.EXAMPLE/orders/1" } })],
    [
      "with the default port said",
      () => ({ payload: { ...honestPayload(), htu: "https://api.example:443/orders/1" } }),
    ],
    [
      "with a query and a fragment",
      () => ({ payload: { ...honestPayload(), htu: "https://api.example/orders/1?a=b#c" } }),
    ],
    ["with needless escapes", () => ({ payload: { ...honestPayload(), htu: "https://api.example/%6frders/1" } })],
    ["with further claims", () => ({ payload: { ...honestPayload(), exp: 1, more: true } })],
    [
      "for a request with a query",
      ({ expected }) => ({
        expected: { ...expected, http: { method: "GET", uri: "https://api.example/orders/1?page=2" } },
      }),
    ],
    [
      "without ath where there is no access token",
      ({ expected }) => ({
        payload: { ...honestPayload(), ath: undefined },
        expected: { ...expected, accessToken: undefined },
      }),
    ],
  ])("%s", async (_name, change) => {
    const honest = honestParts(keys);
    expect(await verify({ ...honest, ...change(honest) })).toMatchObject({ jkt: keys.own.jkt });
  });

  test.each(["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "RS256"])("signed with %s", async (alg) => {
    const key = await makeDpopKey(alg);
    const proof = await dpopProof(key, { ...honestPayload(), htm: "GET", htu: "https://api.example/orders/1" });
    expect(await verifyDpopProof(proof, honestParts(keys).expected)).toMatchObject({ jkt: key.jkt });
  });

  test("and says what it is known by", async () => {
    const honest = honestParts(keys);
    expect(await verify({ ...honest, payload: { ...honestPayload(), nonce: "n" } })).toEqual({
      jkt: keys.own.jkt,
      jti: "-BwC3ESc6acc2lTc",
      htu: "https://api.example/orders/1",
      iat: IAT,
      nonce: "n",
    });
  });
});

function heldAgainst(method: string, uri: string, seconds: number, token?: string): DpopExpectation {
  return { http: { method, uri }, accessToken: token, maxAge: 60, leeway: 10, now: seconds * 1_000 };
}

/** The proofs that the RFC prints, at the time that they say. */
describe("the examples of RFC 9449", () => {
  const jwk =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
  const figure2 = `${jwk}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`;
  const figure12 = `${jwk}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`;
  const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
  const accessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

  test("a proof at the token endpoint is good", async () => {
    const answer = await verifyDpopProof(
      figure2,
      heldAgainst("POST", "https://server.example.com/token", 1_562_262_616),
    );
    expect(answer).toMatchObject({ jkt, jti: "-BwC3ESc6acc2lTc" });
  });

  test("a proof at a resource is good for its token", async () => {
    const uri = "https://resource.example.org/protectedresource";
    expect(await verifyDpopProof(figure12, heldAgainst("GET", uri, 1_562_262_618, accessToken))).toMatchObject({ jkt });
    expect(await verifyDpopProof(figure12, heldAgainst("GET", uri, 1_562_262_618, TOKEN))).toBe(
      "was made for another access token",
    );
  });

  test("both are too old by now", async () => {
    const now = heldAgainst("POST", "https://server.example.com/token", NOW / 1_000);
    expect(await verifyDpopProof(figure2, now)).toBe("is too old");
    expect(hashOf(accessToken)).toBe("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
  });
});

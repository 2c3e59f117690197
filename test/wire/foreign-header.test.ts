import { createHmac, createPublicKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ForeignKeyPair, foreignKeyPair } from "../keys/foreign-key-pair.ts";
import { encodePart, signJws } from "../support/sign-jws.ts";
import { type Forger, startForger } from "./forger.ts";
import { honestClaims, honestHeader, IDP, type Members } from "./honest-foreign-token.ts";
import { inactive } from "./inactive-answer.ts";

type Row = [name: string, header: Members, reason: string];

let forger: Forger;
let stranger: ForeignKeyPair;

beforeAll(async () => {
  [forger, stranger] = await Promise.all([startForger(), foreignKeyPair("ES256", "stranger")]);
});
afterAll(async () => forger.stop());

describe("a token is inactive, though its signature is good, whose header has", () => {
  const ROWS: readonly Row[] = [
    ["no typ", { typ: undefined }, "HEADER_NOT_ALLOWED"],
    ["the typ of any JWT", { typ: "JWT" }, "HEADER_NOT_ALLOWED"],
    ["the typ of a DPoP proof", { typ: "dpop+jwt" }, "HEADER_NOT_ALLOWED"],
    ["the typ of a logout token", { typ: "logout+jwt" }, "HEADER_NOT_ALLOWED"],
    ["a typ that is a list", { typ: ["at+jwt"] }, "HEADER_NOT_ALLOWED"],
    ["crit", { crit: ["exp"] }, "HEADER_NOT_ALLOWED"],
    ["an empty crit", { crit: [] }, "HEADER_NOT_ALLOWED"],
    ["b64 false", { b64: false, crit: ["b64"] }, "HEADER_NOT_ALLOWED"],
    ["b64 true", { b64: true }, "HEADER_NOT_ALLOWED"],
    ["a key in jwk", { jwk: { kty: "EC" } }, "HEADER_NOT_ALLOWED"],
    ["an address in jku", { jku: `${IDP}/jwks` }, "HEADER_NOT_ALLOWED"],
    ["an address in x5u", { x5u: `${IDP}/certificate` }, "HEADER_NOT_ALLOWED"],
    ["a certificate in x5c", { x5c: ["MIIB"] }, "HEADER_NOT_ALLOWED"],
    ["compression", { zip: "DEF" }, "HEADER_NOT_ALLOWED"],
    ["a nested token's cty", { cty: "JWT" }, "HEADER_NOT_ALLOWED"],
    ["no alg", { alg: undefined }, "ALGORITHM_NOT_ALLOWED"],
    ["an alg that is a list", { alg: ["ES256"] }, "ALGORITHM_NOT_ALLOWED"],
    ["an alg in lower case", { alg: "es256" }, "ALGORITHM_NOT_ALLOWED"],
    ["an alg that is not the issuer's", { alg: "ES384" }, "ALGORITHM_NOT_ALLOWED"],
    ["an alg that its key is not for", { alg: "EdDSA" }, "UNKNOWN_KEY"],
    ["an unknown kid", { kid: "other" }, "UNKNOWN_KEY"],
    ["a kid that is a number", { kid: 7 }, "HEADER_NOT_ALLOWED"],
    ["an empty kid", { kid: "" }, "HEADER_NOT_ALLOWED"],
    ["a kid that is a path", { kid: "../../../dev/null" }, "UNKNOWN_KEY"],
  ];

  test.each(ROWS)("%s", async (_, header, reason) => {
    expect(await forger.answer(forger.token(header, {}))).toEqual(inactive(reason));
  });
});

describe("a token is inactive that is signed", () => {
  test("with another key under the known kid", async () => {
    expect(await forger.answer(signJws(honestHeader(), honestClaims(), stranger.privateKey))).toEqual(
      inactive("BAD_SIGNATURE"),
    );
  });

  test("with a key that it brings along", async () => {
    const brought = { ...honestHeader(), jwk: stranger.publicJwk };
    expect(await forger.answer(signJws(brought, honestClaims(), stranger.privateKey))).toEqual(
      inactive("HEADER_NOT_ALLOWED"),
    );
  });

  test.each(["none", "None", "NONE", "nOnE"])("with nothing, by the alg %s", async (alg) => {
    const unsigned = `${encodePart({ ...honestHeader(), alg })}.${encodePart(honestClaims())}.`;
    expect(await forger.answer(unsigned)).toEqual(inactive("MALFORMED"));
    expect(await forger.answer(`${unsigned}AAAA`)).toEqual(inactive("ALGORITHM_NOT_ALLOWED"));
  });

  test.each(["HS256", "HS384", "HS512"])(
    "by %s with the public key as the secret, in each of its forms",
    async (alg) => {
      const publicKey = createPublicKey({ key: { ...forger.key.publicJwk }, format: "jwk" });
      const secrets = [
        publicKey.export({ type: "spki", format: "pem" }),
        publicKey.export({ type: "spki", format: "der" }),
        JSON.stringify(forger.key.publicJwk),
        forger.key.publicJwk.x ?? "",
      ];
      const input = `${encodePart({ ...honestHeader(), alg })}.${encodePart(honestClaims())}`;
      for (const secret of secrets) {
        const mac = createHmac(`sha${alg.slice(2)}`, secret)
          .update(input)
          .digest("base64url");
        expect(await forger.answer(`${input}.${mac}`)).toEqual(inactive("ALGORITHM_NOT_ALLOWED"));
      }
    },
  );

  test.each<[string, Buffer]>([
    ["zeros, which once verified anything in Java", Buffer.alloc(64)],
    ["DER instead of r and s", Buffer.from("3006020101020101", "hex")],
    ["a single byte", Buffer.from([0])],
  ])("with %s", async (_, signature) => {
    expect(
      await forger.answer(
        `${encodePart(honestHeader())}.${encodePart(honestClaims())}.${signature.toString("base64url")}`,
      ),
    ).toEqual(inactive("BAD_SIGNATURE"));
  });
});

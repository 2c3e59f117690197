import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { encodePart, signatureOf, signJws } from "../support/sign-jws.ts";
import { type Attack, type Party, signed, withHeader, withSignature } from "./attack.ts";

/** RFC 8725 section 2.1: the public key, in any form an attacker may have it, as the secret of an HMAC. */
function hmac(alg: "HS256" | "HS384" | "HS512", secretOf: (party: Party) => string | Buffer): Attack["token"] {
  return (party) => {
    const signedPart = `${encodePart({ ...party.header, alg })}.${encodePart(party.payload)}`;
    const mac = createHmac(`sha${alg.slice(2)}`, secretOf(party))
      .update(signedPart)
      .digest("base64url");
    return `${signedPart}.${mac}`;
  };
}

/** A key pair of the attacker's, of the kind that the party has. */
function attackerKey(party: Party): { privateKey: KeyObject; publicKey: KeyObject } {
  return party.name === "own" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function attackerSignature(party: Party, signedPart: string, privateKey: KeyObject): Buffer {
  const data = Buffer.from(signedPart);
  return party.name === "own"
    ? sign(null, data, privateKey)
    : sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" });
}

/** Signed by the attacker, who brings the key along or says where to fetch it. */
function bringing(member: string, value: (publicKey: KeyObject) => unknown): Attack["token"] {
  return (party) => {
    const { privateKey, publicKey } = attackerKey(party);
    const header = { ...party.header, [member]: value(publicKey) };
    const signedPart = `${encodePart(header)}.${encodePart(party.payload)}`;
    return `${signedPart}.${attackerSignature(party, signedPart, privateKey).toString("base64url")}`;
  };
}

function derInteger(half: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x02, 33, 0]), half]);
}

export const SIGNATURE_ATTACKS: readonly Attack[] = [
  ...["none", "None", "NONE", "nOnE", "none "].flatMap((alg): Attack[] => [
    { name: `alg ${alg} with the honest signature`, reason: "algorithm_not_allowed", token: withHeader({ alg }) },
    {
      name: `alg ${alg} without signature`,
      reason: "malformed",
      token: (party) => withHeader({ alg })(party).replace(/[^.]*$/, ""),
    },
  ]),
  ...([undefined, null, "", 1, true, ["EdDSA"], ["ES256"], {}] as const).map((alg): Attack => {
    return { name: `alg ${JSON.stringify(alg)}`, reason: "algorithm_not_allowed", token: withHeader({ alg }) };
  }),
  ...["eddsa", "es256", "Ed25519", "ES256K", "ES384", "ES512", "RS1", "RSA-OAEP", "dir", "A128KW"].map(
    (alg): Attack => {
      return { name: `alg ${alg} with the honest key`, reason: "algorithm_not_allowed", token: withHeader({ alg }) };
    },
  ),
  {
    name: "an algorithm that fits another key than the kid names",
    reason: "algorithm_not_allowed",
    token: (party) => signJws({ ...party.header, alg: party.other.header["alg"] }, party.payload, party.other.key),
  },
  { name: "alg RS256 on a key that is none", reason: "algorithm_not_allowed", token: withHeader({ alg: "RS256" }) },
  { name: "alg PS256 on a key that is none", reason: "algorithm_not_allowed", token: withHeader({ alg: "PS256" }) },
  ...(["HS256", "HS384", "HS512"] as const).map((alg): Attack => {
    const token = hmac(alg, ({ publicKey }) => publicKey.export({ type: "spki", format: "pem" }));
    return { name: `${alg} with the public key in PEM as secret`, reason: "algorithm_not_allowed", token };
  }),
  {
    name: "HS256 with the public key in PEM, without its last line end, as secret",
    reason: "algorithm_not_allowed",
    token: hmac("HS256", ({ publicKey }) => publicKey.export({ type: "spki", format: "pem" }).trimEnd()),
  },
  {
    name: "HS256 with the public key in DER as secret",
    reason: "algorithm_not_allowed",
    token: hmac("HS256", ({ publicKey }) => publicKey.export({ type: "spki", format: "der" })),
  },
  {
    name: "HS256 with the public JWK as secret",
    reason: "algorithm_not_allowed",
    token: hmac("HS256", ({ publicKey }) => JSON.stringify(publicKey.export({ format: "jwk" }))),
  },
  {
    name: "HS256 with the raw public key as secret",
    reason: "algorithm_not_allowed",
    token: hmac("HS256", ({ publicKey }) => Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")),
  },
  { name: "HS256 with an empty secret", reason: "algorithm_not_allowed", token: hmac("HS256", () => "") },
  {
    name: "an embedded jwk of the attacker's",
    reason: "header_not_allowed",
    token: bringing("jwk", (publicKey) => publicKey.export({ format: "jwk" })),
  },
  {
    name: "the issuer's own key embedded as jwk",
    reason: "header_not_allowed",
    token: (party) => withHeader({ jwk: party.publicKey.export({ format: "jwk" }) })(party),
  },
  { name: "jku", reason: "header_not_allowed", token: bringing("jku", () => "https://evil.example/jwks.json") },
  { name: "x5u", reason: "header_not_allowed", token: bringing("x5u", () => "https://evil.example/cert.pem") },
  {
    name: "x5c",
    reason: "header_not_allowed",
    token: bringing("x5c", (key) => [key.export({ type: "spki", format: "der" }).toString("base64")]),
  },
  { name: "jku on a token that is honest otherwise", reason: "header_not_allowed", token: withHeader({ jku: "" }) },
  { name: "x5c on a token that is honest otherwise", reason: "header_not_allowed", token: withHeader({ x5c: [] }) },
  {
    name: "signed by the attacker under the honest kid",
    reason: "bad_signature",
    token: withSignature((party, signedPart) => attackerSignature(party, signedPart, attackerKey(party).privateKey)),
  },
  {
    name: "the signature of another honest token",
    reason: "bad_signature",
    token: withSignature((party) => {
      return signatureOf(`${encodePart(party.header)}.${encodePart({ ...party.payload, sub: "eve" })}`, party.key);
    }),
  },
  {
    name: "the signature of the other issuer's key",
    reason: "bad_signature",
    token: withSignature((party, signedPart) => signatureOf(signedPart, party.other.key)),
  },
  {
    name: "the payload exchanged under an honest header and signature",
    reason: "bad_signature",
    token: (party) => {
      const [header, , signature] = signed(party).split(".");
      return [header, encodePart({ ...party.payload, sub: "eve" }), signature].join(".");
    },
  },
  {
    name: "the header respelled under an honest payload and signature",
    reason: "bad_signature",
    token: (party) => {
      const [, payload, signature] = signed(party).split(".");
      return [encodePart(JSON.stringify(party.header, undefined, 1)), payload, signature].join(".");
    },
  },
  { name: "a signature of zeros", reason: "bad_signature", token: withSignature(() => Buffer.alloc(64)) },
  {
    name: "a signature of ones (r = s = 1)",
    reason: "bad_signature",
    token: withSignature(() => Buffer.from(`${"0".repeat(63)}1`.repeat(2), "hex")),
  },
  { name: "a signature all bits set", reason: "bad_signature", token: withSignature(() => Buffer.alloc(64, 0xff)) },
  { name: "a signature of one byte", reason: "bad_signature", token: withSignature(() => Buffer.alloc(1)) },
  {
    name: "a signature cut by a byte",
    reason: "bad_signature",
    token: withSignature((_p, _s, honest) => honest.subarray(0, -1)),
  },
  {
    name: "half a signature",
    reason: "bad_signature",
    token: withSignature((_p, _s, honest) => honest.subarray(0, 32)),
  },
  {
    name: "a signature with a byte more",
    reason: "bad_signature",
    token: withSignature((_p, _s, honest) => Buffer.concat([honest, Buffer.alloc(1)])),
  },
  {
    name: "a signature with a zero byte before each half",
    reason: "bad_signature",
    token: withSignature((_p, _s, honest) => {
      return Buffer.concat([Buffer.alloc(1), honest.subarray(0, 32), Buffer.alloc(1), honest.subarray(32)]);
    }),
  },
  {
    name: "a signature whose halves are swapped",
    reason: "bad_signature",
    token: withSignature((_p, _s, honest) => Buffer.concat([honest.subarray(32), honest.subarray(0, 32)])),
  },
  {
    name: "a signature in DER",
    reason: "bad_signature",
    token: withSignature((_p, _s, honest) => {
      return Buffer.concat([
        Buffer.from([0x30, 70]),
        derInteger(honest.subarray(0, 32)),
        derInteger(honest.subarray(32)),
      ]);
    }),
  },
];

/** A trusted issuer whose keys nobody can have: nothing listens where they are. */
import { sign } from "node:crypto";
import { generateKeyPairSync } from "node:crypto";
import { API } from "../support/server.ts";
import { honestClaims, honestHeader, IDP } from "./honest-foreign-token.ts";

export const unreachableIssuer = {
  issuer: IDP,
  jwks_uri: "http://127.0.0.1:1/jwks",
  allow_http_loopback: true,
  algorithms: ["ES256" as const],
  audiences: [API],
};

/** One that would be good. */
export function unverifiableToken(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signed = [honestHeader(), honestClaims()]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

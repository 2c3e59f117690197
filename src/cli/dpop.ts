import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign } from "node:crypto";
import type { Command } from "commander";
import { readNamedFile } from "./channel.ts";
import { addExamples } from "./examples.ts";
import { badUsage } from "./failure.ts";
import { printJson, printLine } from "./output.ts";
import { readToken } from "./read-token.ts";

type DpopOptions = { key: string; method: string; uri: string; token?: string; nonce?: string; json?: boolean };

export function define(command: Command): void {
  command
    .requiredOption("--key <file>", "PEM file of the client's private key: Ed25519 or P-256")
    .requiredOption("--method <method>", "the method of the request")
    .requiredOption("--uri <uri>", "its absolute URI")
    .option("--token <token>", "the access token that goes with the request; - reads it from standard input")
    .option("--nonce <nonce>", "the nonce that the service asked for")
    .option("--json", "print JSON, with the key's thumbprint for: assay issue --cnf-jkt");
  addExamples(command, [
    "openssl genpkey -algorithm ed25519 -out client.key",
    "assay dpop --key client.key --method GET --uri https://api.example/orders --token - < token.txt > proof.txt",
  ]);
  command.action(dpop);
}

/** A DPoP proof as a client makes it (RFC 9449 section 4.2), for trials. */
async function dpop(options: DpopOptions): Promise<void> {
  const key = privateKey(options.key);
  const { alg, jwk } = publicPart(key);
  const token = options.token === undefined ? undefined : await readToken(options.token);
  const payload = {
    jti: randomUUID(),
    htm: options.method,
    htu: options.uri,
    iat: Math.floor(Date.now() / 1_000),
    ath: token === undefined ? undefined : sha256(token),
    nonce: options.nonce,
  };
  const signedPart = `${encoded({ typ: "dpop+jwt", alg, jwk })}.${encoded(payload)}`;
  const digest = alg === "ES256" ? "sha256" : null;
  const signature = sign(digest, Buffer.from(signedPart), { key, dsaEncoding: "ieee-p1363" });
  const proof = `${signedPart}.${signature.toString("base64url")}`;
  // The members are in the order that a thumbprint asks for (RFC 7638 section 3.3).
  if (options.json === true) printJson({ dpop: proof, jkt: sha256(JSON.stringify(jwk)) });
  else printLine(proof);
}

function privateKey(file: string): KeyObject {
  const pem = readNamedFile("--key", file);
  try {
    return createPrivateKey(pem);
  } catch {
    throw badUsage(`--key ${file} is no private key in PEM, or is encrypted`);
  }
}

function publicPart(key: KeyObject): { alg: string; jwk: object } {
  const { kty, crv, x, y } = createPublicKey(key).export({ format: "jwk" });
  if (crv === "Ed25519") return { alg: "EdDSA", jwk: { crv, kty, x } };
  if (crv === "P-256") return { alg: "ES256", jwk: { crv, kty, x, y } };
  throw badUsage("--key is neither an Ed25519 nor a P-256 key: openssl genpkey -algorithm ed25519 -out FILE makes one");
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

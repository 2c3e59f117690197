import type { Command } from "commander";
import type { Context, Proof } from "../gen/assay/v1/token_service.ts";
import { readNamedFile } from "./channel.ts";
import { type ContextOptions, contextOf } from "./context-options.ts";
import { badUsage } from "./failure.ts";
import { readToken } from "./read-token.ts";

/** What a client proved, and the request that it proved it for. */
export type ProofOptions = { dpop?: string; httpMethod?: string; httpUri?: string; clientCertificateSha256?: string };

export function addProofOptions(command: Command): void {
  command
    .option("--dpop <file>", "file with the DPoP proof that came with the request; - reads it from standard input")
    .option("--http-method <method>", "the method of that request; goes with --dpop")
    .option("--http-uri <uri>", "its absolute URI; goes with --dpop")
    .option("--client-certificate-sha256 <hash>", "base64url SHA-256 of the client's certificate (DER)");
}

/**
 * @param tokens the arguments that may read standard input too
 * @throws Failure
 */
export async function readProof(
  options: ProofOptions & ContextOptions,
  tokens: readonly (string | undefined)[],
): Promise<{ proof: Proof | undefined; context: Context | undefined }> {
  const { dpop: file, httpMethod, httpUri, clientCertificateSha256: certificate = "" } = options;
  if (file === undefined && (httpMethod !== undefined || httpUri !== undefined))
    throw badUsage("--http-method and --http-uri say what a DPoP proof was made for: give --dpop too");
  if (file === undefined)
    return { proof: certificate === "" ? undefined : proofOf("", certificate), context: contextOf(options) };
  if (httpMethod === undefined || httpUri === undefined)
    throw badUsage("--dpop needs the request that the proof was made for: give --http-method and --http-uri");
  if (file === "-" && tokens.includes("-"))
    throw badUsage("only one thing can come from standard input: give the token or the proof another way");
  const dpop = file === "-" ? await readToken(file) : readNamedFile("--dpop", file).toString("utf8").trim();
  return {
    proof: proofOf(dpop, certificate),
    context: contextOf(options, { http_method: httpMethod, http_uri: httpUri }),
  };
}

function proofOf(dpop: string, certificate: string): Proof {
  return { dpop, client_certificate_sha256: certificate };
}

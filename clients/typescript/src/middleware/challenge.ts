import type { Scheme } from "./presented-token.ts";

/** A refusal, as RFC 6750 section 3.1 and RFC 9449 section 7.1 name it. Without an error where no token was shown. */
export type Refused = {
  error?: "invalid_request" | "invalid_token" | "insufficient_scope" | "invalid_dpop_proof" | "use_dpop_nonce";
  description?: string;
};

export type ChallengeTerms = {
  realm?: string | undefined;
  /** What was required, for `insufficient_scope`. */
  requiredScopes: readonly string[];
};

/** What DPoP proofs may be signed with, of which the service knows more. */
const ALGORITHMS = "ES256 EdDSA PS256 RS256";

/** One `WWW-Authenticate` challenge (RFC 9110 section 11.6.1). */
export function challenge(
  scheme: Scheme,
  { error, description }: Refused,
  { realm, requiredScopes }: ChallengeTerms,
): string {
  const scope = error === "insufficient_scope" ? requiredScopes.join(" ") : undefined;
  const algs = scheme === "DPoP" ? ALGORITHMS : undefined;
  const parameters = { realm, error, error_description: description, scope, algs };
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  return written.length === 0 ? scheme : `${scheme} ${written.join(", ")}`;
}

/** A quoted-string (RFC 9110 section 5.6.4): what could end it, or the line, cannot. */
function quoted(value: string): string {
  return `"${value.replaceAll(/[^\x20-\x7E]/g, "?").replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

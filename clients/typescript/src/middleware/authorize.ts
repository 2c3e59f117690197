import { AssayClientError } from "../client-error.ts";
import type { ActiveIntrospection, InactiveIntrospection, IntrospectOptions } from "../introspection.ts";
import type { AssayClient } from "../open-client.ts";
import { challenge, type Refused } from "./challenge.ts";
import { type PresentedHeaders, presentedToken, type Scheme } from "./presented-token.ts";

/** What all the middleware is told. */
export type ProtectOptions = {
  /** The resource server's own identifiers, in place of the client's `audience`. */
  audience?: readonly string[] | undefined;
  /** Scopes that must all be granted. */
  requiredScopes?: readonly string[] | undefined;
  /** Names what is protected, to who is refused (RFC 9110 section 11.5). */
  realm?: string | undefined;
  /** Takes DPoP-bound tokens with their proofs (RFC 9449). */
  dpop?: DpopOptions | undefined;
  /** Hears of each request that was refused because the service did not say whether its token is good. */
  onError?: ((error: AssayClientError) => void) | undefined;
};

export type DpopOptions = {
  /** By which clients reach this server, such as `https://api.example`: a proof names it, and what a request says of it is the sender's. */
  origin: string;
};

/** A request, whatever the server is made of. */
export type ShownRequest = PresentedHeaders & {
  method: string;
  /** Without the query. */
  path: string;
  /** Base64url SHA-256 of the client certificate that the server verified. */
  certificateSha256?: string | undefined;
};

export type Refusal = {
  status: 400 | 401 | 403 | 503;
  /** In lower case. */
  headers: Readonly<Record<string, string>>;
  /** Why, in words. */
  description: string;
  /** JSON; empty where no token was shown. */
  body: string;
};

export type Verdict = { introspection: ActiveIntrospection } | { refusal: Refusal };

/** @throws AssayClientError where asking again would not help: a fault of how this server is set up */
export type Authorize = (request: ShownRequest) => Promise<Verdict>;

type Rules = ProtectOptions & { requiredScopes: readonly string[] };

const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * Judges requests by their token, for every kind of server alike (RFC 6750).
 * @throws TypeError naming the option that is wrong
 */
export function authorizer(assay: AssayClient, options: ProtectOptions = {}): Authorize {
  const rules: Rules = { ...options, requiredScopes: options.requiredScopes ?? [] };
  if (!rules.requiredScopes.every((scope) => SCOPE.test(scope)))
    throw new TypeError("requiredScopes must be scopes (RFC 6749 section 3.3), one each");
  const origin = options.dpop === undefined ? undefined : new URL(options.dpop.origin).origin;

  return async (request) => {
    const presented = presentedToken(request, origin !== undefined);
    if (presented.kind === "none") return refuseWithoutToken(rules);
    const { scheme } = presented;
    if (presented.kind === "malformed")
      return refuse(rules, scheme, { error: "invalid_request", description: presented.description });
    const [proof, ...others] = request.dpop;
    if (scheme === "DPoP" && (proof === undefined || others.length > 0 || proof.includes(",")))
      return refuse(rules, scheme, { error: "invalid_dpop_proof", description: "one DPoP header is needed" });
    const asked = askedOf(request, rules, scheme === "DPoP" && proof !== undefined ? { proof, origin } : undefined);
    try {
      const introspection = await assay.introspect(presented.token, asked);
      if (!introspection.active) return refuseInactive(rules, scheme, introspection);
      // Whoever shows a proof must not be served as if there had been none to show (RFC 9449 section 7.1).
      if (scheme === "DPoP" && introspection.token_type !== "DPoP") return refuse(rules, scheme, INVALID);
      return { introspection };
    } catch (error) {
      if (!(error instanceof AssayClientError)) throw error;
      rules.onError?.(error);
      if (!error.retryable) throw error;
      return unavailable(error);
    }
  };
}

const JSON_TYPE = { "content-type": "application/json" };
const INVALID: Required<Refused> = {
  error: "invalid_token",
  description: "the token is not active, or not for this resource",
};

function askedOf(
  { method, path, certificateSha256 }: ShownRequest,
  { audience, requiredScopes }: Rules,
  dpop: { proof: string; origin: string | undefined } | undefined,
): IntrospectOptions {
  const terms = { audience, requiredScopes };
  if (dpop === undefined && certificateSha256 === undefined) return terms;
  return {
    ...terms,
    ...(dpop !== undefined && { context: { httpMethod: method, httpUri: `${dpop.origin}${path}` } }),
    proof: { dpop: dpop?.proof, clientCertificateSha256: certificateSha256 },
  };
}

function refuseInactive(rules: Rules, scheme: Scheme, { challenge: lacks, dpopNonce }: InactiveIntrospection): Verdict {
  if (lacks === "insufficient_scope") {
    return refuse(rules, scheme, {
      error: "insufficient_scope",
      description: "the token does not grant what is needed",
    });
  }
  if (lacks === "use_dpop_nonce" && dpopNonce !== undefined) {
    const refused = { error: "use_dpop_nonce", description: "the proof needs this nonce" } as const;
    return refuse(rules, scheme, refused, { "dpop-nonce": dpopNonce });
  }
  return refuse(rules, scheme, INVALID);
}

/** Of each scheme a challenge without an error: nothing was wrong (RFC 6750 section 3.1). */
function refuseWithoutToken(rules: Rules): Verdict {
  const schemes: Scheme[] = rules.dpop === undefined ? ["Bearer"] : ["Bearer", "DPoP"];
  const value = schemes.map((scheme) => challenge(scheme, {}, rules)).join(", ");
  return {
    refusal: { status: 401, headers: { "www-authenticate": value }, description: "a token is needed", body: "" },
  };
}

function refuse(
  rules: Rules,
  scheme: Scheme,
  refused: Required<Refused>,
  more: Readonly<Record<string, string>> = {},
): Verdict {
  const { error, description } = refused;
  const headers = { "www-authenticate": challenge(scheme, refused, rules), ...JSON_TYPE, ...more };
  const body = JSON.stringify({ error, error_description: description });
  return { refusal: { status: statusOf(error), headers, description, body } };
}

function statusOf(error: Refused["error"]): 400 | 401 | 403 {
  if (error === "invalid_request") return 400;
  return error === "insufficient_scope" ? 403 : 401;
}

function unavailable({ retryAfterMs = 1_000 }: AssayClientError): Verdict {
  const headers = { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1_000))), ...JSON_TYPE };
  const description = "it cannot be told at the moment whether the token is active";
  const body = JSON.stringify({ error: "temporarily_unavailable", error_description: description });
  return { refusal: { status: 503, headers, description, body } };
}

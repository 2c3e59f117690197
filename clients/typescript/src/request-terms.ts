import { IntrospectRequest } from "./gen/assay/v1/token_service.ts";
import type { PresentedProof, RequestContext } from "./introspection.ts";

/** Everything that is asked about a token besides the token. */
export type Terms = {
  audience: readonly string[];
  requiredScopes: readonly string[];
  context?: RequestContext | undefined;
  proof?: PresentedProof | undefined;
  atLeastAsFresh?: string | undefined;
  /** Whether the answer is to say by what revocations can name the token. */
  withMarks: boolean;
};

/** A request but for its token, encoded. */
export type EncodedTerms = {
  bytes: Uint8Array;
  /** Terms of one key are alike. Undefined where they are this one request's. */
  key: string | undefined;
};

const KEPT = 256;

/** Encodes terms, and those that many requests share once. */
export function termsEncoder(): (terms: Terms) => EncodedTerms {
  const known = new Map<string, EncodedTerms>();
  return (terms) => {
    if (isOwn(terms)) return { bytes: encoded(terms), key: undefined };
    const key = keyOf(terms);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = { bytes: encoded(terms), key };
    // Whoever makes scopes of what its clients send must not fill the memory.
    if (known.size >= KEPT) known.clear();
    known.set(key, made);
    return made;
  };
}

function isOwn({ context, proof, atLeastAsFresh }: Terms): boolean {
  return context !== undefined || proof !== undefined || atLeastAsFresh !== undefined;
}

function keyOf({ audience, requiredScopes, withMarks }: Terms): string {
  if (audience.length === 0 && requiredScopes.length === 0) return withMarks ? "1" : "0";
  return JSON.stringify([withMarks, audience, requiredScopes]);
}

function encoded(terms: Terms): Uint8Array {
  return IntrospectRequest.encode(requestOf("", terms)).finish();
}

export function requestOf(token: string, terms: Terms): IntrospectRequest {
  const { audience, requiredScopes, context, proof, atLeastAsFresh = "", withMarks } = terms;
  return {
    token,
    token_type_hint: "",
    audience: [...audience],
    required_scopes: [...requiredScopes],
    context:
      context === undefined
        ? undefined
        : {
            client_ip: context.clientIp ?? "",
            user_agent: context.userAgent ?? "",
            http_method: context.httpMethod ?? "",
            http_uri: context.httpUri ?? "",
          },
    proof:
      proof === undefined
        ? undefined
        : { dpop: proof.dpop ?? "", client_certificate_sha256: proof.clientCertificateSha256 ?? "" },
    at_least_as_fresh: atLeastAsFresh,
    with_marks: withMarks,
    with_signals: false,
  };
}

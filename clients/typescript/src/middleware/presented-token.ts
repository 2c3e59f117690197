/** What a request shows of a token, as its server received it. */
export type PresentedHeaders = {
  /** Each `Authorization` header by itself. */
  authorization: readonly string[];
  /** Each `DPoP` header by itself. */
  dpop: readonly string[];
  /** The query, without its question mark. */
  query?: string | undefined;
};

export type Scheme = "Bearer" | "DPoP";

export type Presented =
  | { kind: "token"; scheme: Scheme; token: string }
  /** No token, or one that is shown in a way that is not taken. */
  | { kind: "none" }
  | { kind: "malformed"; scheme: Scheme; description: string };

/** The form of a token in a header (RFC 6750 section 2.1, RFC 9110 section 11.2). */
const TOKEN = /^[\w.~+/-]+=*$/;
const CREDENTIALS = /^(Bearer|DPoP)(?: +(.*))?$/i;

/** The token of an `Authorization` header (RFC 6750 section 2.1, RFC 9449 section 7.1): no other way is taken. */
export function presentedToken({ authorization, query }: PresentedHeaders, takesDpop: boolean): Presented {
  const [first, ...others] = authorization;
  const [, name, token = ""] = CREDENTIALS.exec(first ?? "") ?? [];
  const scheme: Scheme = takesDpop && name?.toLowerCase() === "dpop" ? "DPoP" : "Bearer";
  if (others.length > 0) return malformed(scheme, "more than one Authorization header");
  if (name === undefined || (!takesDpop && name.toLowerCase() === "dpop")) return { kind: "none" };
  if (!TOKEN.test(token)) return malformed(scheme, "the Authorization header holds no token");
  if (new URLSearchParams(query).has("access_token")) return malformed(scheme, "more than one token in the request");
  return { kind: "token", scheme, token };
}

function malformed(scheme: Scheme, description: string): Presented {
  return { kind: "malformed", scheme, description };
}

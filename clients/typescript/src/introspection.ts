/** What a token says of itself, and what the service says of it, in the names of RFC 7662 section 2.2 and its kin. */
export type ActiveIntrospection = {
  readonly active: true;
  /** The granted scopes, separated by single spaces. */
  readonly scope: string | undefined;
  readonly client_id: string | undefined;
  readonly username: string | undefined;
  /** `Bearer`, `DPoP` or, for a refresh token, `refresh_token`. */
  readonly token_type: string | undefined;
  /** Seconds since the epoch, as `iat`, `nbf` and `auth_time`. */
  readonly exp: number | undefined;
  readonly iat: number | undefined;
  readonly nbf: number | undefined;
  readonly sub: string | undefined;
  readonly aud: readonly string[];
  readonly iss: string | undefined;
  readonly jti: string | undefined;
  readonly sid: string | undefined;
  /** The key that the token is bound to (RFC 7800). Its possession has been proved. */
  readonly cnf: { readonly jkt: string | undefined; readonly "x5t#S256": string | undefined } | undefined;
  readonly act: Readonly<Record<string, unknown>> | undefined;
  readonly auth_time: number | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  /** Everything else that the token says. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Up to where all revocations are known, opaque. */
  readonly revision: string | undefined;
  /** Where the caller's `serve_stale_for` allowed it: how long ago that was proved, in milliseconds. */
  readonly staleForMs: number | undefined;
};

export type InactiveIntrospection = {
  readonly active: false;
  /** What an otherwise active token lacks. */
  readonly challenge: "insufficient_scope" | "use_dpop_nonce" | undefined;
  /** With `use_dpop_nonce`: the nonce for the next proof. */
  readonly dpopNonce: string | undefined;
  /** Only for callers with the permission `diagnose`: as in `InactiveReason`, in lower case. */
  readonly inactiveReason: string | undefined;
};

/** Whether a token is genuine, alive and meant for this caller. */
export type Introspection = ActiveIntrospection | InactiveIntrospection;

export type IntrospectOptions = {
  /** The resource server's own identifiers, in place of the client's `audience`. */
  audience?: readonly string[] | undefined;
  /** Scopes that must all be granted, else the token is inactive. */
  requiredScopes?: readonly string[] | undefined;
  /** The request that carried the token. A DPoP proof is checked against `httpMethod` and `httpUri`. */
  context?: RequestContext | undefined;
  /** What the client proved of the key that the token is bound to. */
  proof?: PresentedProof | undefined;
  /** A `revision` that the answer must know of. Such a call asks the service, whatever is cached. */
  atLeastAsFresh?: string | undefined;
  /** Gives the call up. */
  signal?: AbortSignal | undefined;
  /** How long the call may take in all, in place of the client's. */
  deadlineMs?: number | undefined;
};

export type RequestContext = {
  clientIp?: string | undefined;
  userAgent?: string | undefined;
  httpMethod?: string | undefined;
  httpUri?: string | undefined;
};

export type PresentedProof = {
  /** The `DPoP` header (RFC 9449 section 4). */
  dpop?: string | undefined;
  /** Base64url SHA-256 of the DER of the client certificate that was verified (RFC 8705 section 3). */
  clientCertificateSha256?: string | undefined;
};

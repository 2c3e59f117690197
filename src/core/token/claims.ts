/** The key a token is bound to (RFC 7800): a DPoP key's thumbprint (RFC 9449) or a certificate's (RFC 8705). */
export type Confirmation = { jkt?: string; "x5t#S256"?: string };

/** Who acts for the subject, newest first (RFC 8693 section 4.1). */
export type Actor = { sub: string; iss?: string; client_id?: string; act?: Actor };

/** What a token of any form says, under the names of RFC 7519, 7662, 8693 and 9068. Times are NumericDate. */
export type Claims = {
  iss: string;
  sub?: string;
  aud: readonly string[];
  client_id?: string;
  scope?: string;
  exp: number;
  iat: number;
  nbf?: number;
  jti?: string;
  sid?: string;
  cnf?: Confirmation;
  act?: Actor;
  auth_time?: number;
  acr?: string;
  amr?: readonly string[];
  username?: string;
  /** Everything else that the token says. */
  extra: Readonly<Record<string, unknown>>;
};

/** The key a token is bound to (RFC 7800): a DPoP key's thumbprint (RFC 9449) or a certificate's (RFC 8705). */
export type Confirmation = { jkt?: string | undefined; "x5t#S256"?: string | undefined };

/** Who acts for the subject, newest first, nested in `act` (RFC 8693 section 4.1). */
export type Actor = Readonly<Record<string, unknown>>;

/** What a token of any form says, under the names of RFC 7519, 7662, 8693 and 9068. Times are NumericDate. */
export type Claims = {
  iss: string;
  sub?: string | undefined;
  aud: readonly string[];
  client_id?: string | undefined;
  scope?: string | undefined;
  exp: number;
  iat: number;
  nbf?: number | undefined;
  jti?: string | undefined;
  sid?: string | undefined;
  /** Empty when the token is bound in a way that is not known here. */
  cnf?: Confirmation | undefined;
  act?: Actor | undefined;
  auth_time?: number | undefined;
  acr?: string | undefined;
  amr?: readonly string[] | undefined;
  username?: string | undefined;
  /** Of our own tokens alone: whence it was issued, see `issued-from.ts`. Never answered. */
  assay_from?: string | undefined;
  /** Everything else that the token says. */
  extra: Readonly<Record<string, unknown>>;
};

export function scopesOf(scope: string | undefined): string[] {
  return scope === undefined || scope === "" ? [] : scope.split(" ");
}

export function grantsAll(scope: string | undefined, requiredScopes: readonly string[]): boolean {
  if (requiredScopes.length === 0) return true;
  const granted = new Set(scopesOf(scope));
  return requiredScopes.every((required) => granted.has(required));
}

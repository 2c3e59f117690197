import type { Secret } from "../secret.ts";

/** An answer to Issue (RFC 6749 section 5.1, RFC 8693 section 2.2.1). Lifetimes in whole seconds from now. */
export type Issued = {
  accessToken: Secret;
  tokenType: "Bearer" | "DPoP";
  expiresIn: number;
  refresh?: { token: Secret; expiresIn: number };
  scope: string;
  issuedTokenType: "urn:ietf:params:oauth:token-type:access_token" | "urn:ietf:params:oauth:token-type:jwt";
  sid: string;
};

import type { Config, TrustedIssuerConfig } from "../config/schema.ts";
import type { TrustedIssuer } from "../core/environment.ts";
import { openIssuerKeys } from "../keys/issuer-keys.ts";
import type { KeyLog } from "../keys/key-log.ts";

/** @throws StartError when the keys of an issuer cannot be had as configured */
export function trustedIssuers({ issuers }: Config, log: KeyLog): ReadonlyMap<string, TrustedIssuer> {
  return new Map(issuers.map((issuer) => [issuer.issuer, trusted(issuer, log)]));
}

function trusted(config: TrustedIssuerConfig, log: KeyLog): TrustedIssuer {
  return {
    issuer: config.issuer,
    algorithms: new Set(config.algorithms),
    types: new Set(config.types.map(withoutMediaTree)),
    audiences: new Set(config.audiences),
    maxLifetime: config.max_lifetime,
    leeway: config.leeway,
    keys: openIssuerKeys({
      issuer: config.issuer,
      discovery: config.discovery,
      ...(config.jwks_uri === undefined ? {} : { jwksUri: config.jwks_uri }),
      ...(config.jwks_file === undefined ? {} : { jwksFile: config.jwks_file }),
      allowHttpLoopback: config.allow_http_loopback,
      log,
    }),
  };
}

/** RFC 7515 section 4.1.9: `application/` may be left out, and case does not matter. */
function withoutMediaTree(type: string): string {
  return type.toLowerCase().replace(/^application\//, "");
}

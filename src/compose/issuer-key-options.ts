import type { TrustedIssuerConfig } from "../config/schema.ts";
import type { IssuerKeysOptions } from "../keys/issuer-keys.ts";

/** Where the keys of a configured issuer are, and how long they may be used. */
export function issuerKeyOptions(config: TrustedIssuerConfig): IssuerKeysOptions {
  const { keys } = config;
  return {
    issuer: config.issuer,
    discovery: config.discovery,
    ...(config.jwks_uri === undefined ? {} : { jwksUri: config.jwks_uri }),
    ...(config.jwks_file === undefined ? {} : { jwksFile: config.jwks_file }),
    allowHttpLoopback: config.allow_http_loopback,
    allowPrivateAddresses: keys.allow_private_addresses,
    limits: {
      coolDown: keys.cool_down,
      maxAge: keys.max_age,
      maxStale: keys.max_stale,
      timeout: keys.timeout,
    },
  };
}

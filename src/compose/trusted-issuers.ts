import type { Config, TrustedIssuerConfig } from "../config/schema.ts";
import type { TrustedIssuer } from "../core/environment.ts";
import type { OpenKeys } from "./issuer-key-pool.ts";

/** Whose tokens may be introspected. @throws StartError when the keys of an issuer cannot be had as configured */
export function trustedIssuers({ issuers }: Config, openKeys: OpenKeys): ReadonlyMap<string, TrustedIssuer> {
  const used = issuers.filter(({ use }) => use.includes("tokens"));
  return new Map(used.map((issuer) => [issuer.issuer, trusted(issuer, openKeys)]));
}

/** Whose tokens may recognise callers: they are for Assay or for nobody here. @throws StartError */
export function callerIssuers({ issuers, listen }: Config, openKeys: OpenKeys): ReadonlyMap<string, TrustedIssuer> {
  const audiences = new Set(listen.caller_audience === undefined ? [] : [listen.caller_audience]);
  const used = issuers.filter(({ use }) => use.includes("callers"));
  return new Map(used.map((issuer) => [issuer.issuer, { ...trusted(issuer, openKeys), audiences }]));
}

function trusted(config: TrustedIssuerConfig, openKeys: OpenKeys): TrustedIssuer {
  return {
    issuer: config.issuer,
    algorithms: new Set(config.algorithms),
    types: new Set(config.types.map(withoutMediaTree)),
    allowMissingType: config.allow_missing_type,
    requiredClaims: config.required_claims,
    claimNames: config.claims,
    audiences: new Set(config.audiences),
    maxLifetime: config.max_lifetime,
    leeway: config.leeway,
    keys: openKeys(config),
  };
}

/** RFC 7515 section 4.1.9: `application/` may be left out, and case does not matter. */
function withoutMediaTree(type: string): string {
  return type.toLowerCase().replace(/^application\//, "");
}

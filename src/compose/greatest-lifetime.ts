import type { Config } from "../config/schema.ts";

/** The greatest lifetime of anything that a revocation must outlast, in milliseconds. */
export function greatestLifetimeMs({ clients, issuers, tokens }: Config): number {
  const access = Math.max(tokens.access_max_lifetime, ...clients.map((client) => client.access_max_lifetime ?? 0));
  const families = [tokens, ...clients].map((of) => of.refresh_absolute_lifetime ?? 0);
  // An access token minted at the end of its family outlives it.
  const own = Math.max(...families) + access + tokens.leeway;
  const foreign = issuers.map((issuer) => issuer.max_lifetime + 2 * issuer.leeway);
  return Math.max(own, ...foreign) * 1_000;
}

import type { Config } from "../config/schema.ts";

/** The greatest lifetime of anything that a revocation must outlast, in milliseconds. */
export function greatestLifetimeMs(config: Config): number {
  const { access, families } = lifetimesMs(config);
  const foreign = config.issuers.map((issuer) => (issuer.max_lifetime + 2 * issuer.leeway) * 1_000);
  // An access token minted at the end of its family outlives it.
  return Math.max(families + access, ...foreign);
}

/** The greatest lifetimes of our own access tokens, leeway included, and of families, in milliseconds. */
export function lifetimesMs({ clients, tokens }: Config): { access: number; families: number } {
  const access = Math.max(tokens.access_max_lifetime, ...clients.map((client) => client.access_max_lifetime ?? 0));
  const families = [tokens, ...clients].map((of) => of.refresh_absolute_lifetime ?? 0);
  return { access: (access + tokens.leeway) * 1_000, families: Math.max(...families) * 1_000 };
}

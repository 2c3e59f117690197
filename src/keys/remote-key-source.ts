import { discoverJwksUri } from "./discovery.ts";
import { fetchJson } from "./fetch-json.ts";
import { type ForeignKeySet, parseForeignKeySet } from "./foreign-key-set.ts";

export type RemoteKeySourceOptions = {
  issuer: string;
  /** Found by discovery when absent. */
  jwksUri?: URL;
  allowHttpLoopback: boolean;
  /** Milliseconds, for discovery and fetch together. */
  timeout: number;
  /** For each document. */
  maxBytes: number;
  /** How long the discovered address is used, in milliseconds. */
  maxAge: number;
};

/** @returns a function that fetches the issuer's keys, and @throws Error */
export function remoteKeySource(options: RemoteKeySourceOptions): () => Promise<ForeignKeySet> {
  const { jwksUri, timeout, maxBytes, maxAge } = options;
  let discovered: { url: URL; at: number } | undefined;

  return async () => {
    const bounds = { signal: AbortSignal.timeout(timeout), maxBytes };
    if (jwksUri !== undefined) return parseForeignKeySet(await fetchJson(jwksUri, bounds));
    const { url, at } = discovered ?? { url: await discoverJwksUri(options, bounds), at: performance.now() };
    // Kept only if it proves good: the keys may have moved.
    discovered = undefined;
    const set = parseForeignKeySet(await fetchJson(url, bounds));
    if (performance.now() - at < maxAge) discovered = { url, at };
    return set;
  };
}

import { discoverJwksUri } from "./discovery.ts";
import { fetchJson } from "./fetch-json.ts";
import { parseForeignKeySet } from "./foreign-key-set.ts";
import type { LoadedKeySet } from "./key-set-cache.ts";

export type RemoteKeySourceOptions = {
  issuer: string;
  /** Found by discovery when absent. */
  jwksUri?: URL;
  allowHttpLoopback: boolean;
  allowPrivateAddresses: boolean;
  /** Milliseconds, for discovery and fetch together. */
  timeout: number;
  /** For each document. */
  maxBytes: number;
  /** How long the discovered address is used, in milliseconds. */
  maxAge: number;
};

/** @returns a function that fetches the issuer's keys, and @throws KeyFetchError */
export function remoteKeySource(options: RemoteKeySourceOptions): () => Promise<LoadedKeySet> {
  const { jwksUri, timeout, maxBytes, allowPrivateAddresses, maxAge } = options;
  let discovered: { url: URL; at: number } | undefined;

  return async () => {
    const bounds = { signal: AbortSignal.timeout(timeout), maxBytes, allowPrivateAddresses };
    const load = async (url: URL): Promise<LoadedKeySet> => {
      const { json, freshFor } = await fetchJson(url, bounds);
      return { set: parseForeignKeySet(json), freshFor };
    };
    if (jwksUri !== undefined) return load(jwksUri);
    const { url, at } = discovered ?? { url: await discoverJwksUri(options, bounds), at: performance.now() };
    // Kept only if it proves good: the keys may have moved.
    discovered = undefined;
    const loaded = await load(url);
    if (performance.now() - at < maxAge) discovered = { url, at };
    return loaded;
  };
}

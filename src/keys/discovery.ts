/** Where an issuer publishes its keys: OpenID Connect Discovery 1.0 section 4, or else RFC 8414 section 3. */
import { z } from "zod";
import { type FetchBounds, fetchJson } from "./fetch-json.ts";
import { KeyFetchError } from "./key-fetch-error.ts";
import { keySourceUrl } from "./key-source-url.ts";

export type DiscoveryOptions = { issuer: string; allowHttpLoopback: boolean };

const metadata = z.object({ issuer: z.string(), jwks_uri: z.string() });

/** @throws KeyFetchError, also when the document is another issuer's */
export async function discoverJwksUri(
  { issuer, allowHttpLoopback }: DiscoveryOptions,
  bounds: FetchBounds,
): Promise<URL> {
  const document = metadata.safeParse(await fetchDocument(new URL(issuer), bounds));
  if (!document.success)
    throw new KeyFetchError("unfit", `the discovery document of ${issuer} lacks its issuer or jwks_uri`);
  // RFC 8414 section 3.3: else one issuer could speak for another.
  if (document.data.issuer !== issuer)
    throw new KeyFetchError("unfit", `the discovery document of ${issuer} names another issuer`);
  const url = keySourceUrl(document.data.jwks_uri, allowHttpLoopback);
  if (url === undefined)
    throw new KeyFetchError("unfit", `the discovery document of ${issuer} has a jwks_uri that is not https`);
  return url;
}

async function fetchDocument(issuer: URL, bounds: FetchBounds): Promise<unknown> {
  const path = issuer.pathname.replace(/\/$/, "");
  try {
    return (await fetchJson(new URL(`${path}/.well-known/openid-configuration`, issuer), bounds)).json;
  } catch (error) {
    if (!(error instanceof KeyFetchError) || error.status !== 404) throw error;
    return (await fetchJson(new URL(`/.well-known/oauth-authorization-server${path}`, issuer), bounds)).json;
  }
}

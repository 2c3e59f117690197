import { parseListenAddress } from "../config/listen-address.ts";
import type { Config } from "../config/schema.ts";
import { StartError } from "../core/start-error.ts";
import type { AuthorityAddress, AuthoritySettings } from "../store/upstream/authority-settings.ts";

export type UpstreamSettings = AuthoritySettings & { addresses: readonly AuthorityAddress[]; timeoutMs: number };

/** Where the authorities of a verifier are, and what it shows to them. @throws StartError where the configuration names none */
export function upstreamSettings({ upstream }: Config): UpstreamSettings {
  if (upstream === undefined) throw new StartError("upstream is missing: name the authorities of this verifier.");
  const { authorities, tls, secret_file: secretFile, timeout: timeoutMs } = upstream;
  const settings = { addresses: authorities.map(addressOf), secretFile, timeoutMs };
  if (tls === undefined) return settings;
  const { ca, certificate, key, server_name: serverName } = tls;
  return { ...settings, tls: { ca, certificate, key, serverName } };
}

function addressOf(text: string): AuthorityAddress {
  const address = parseListenAddress(text);
  if (address === undefined) throw new StartError(`upstream.authorities: '${text}' is not an address.`);
  return address;
}

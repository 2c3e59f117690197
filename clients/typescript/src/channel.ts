import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext } from "node:tls";
import { type ChannelOptions, ChannelCredentials, Client, Metadata } from "@grpc/grpc-js";
import { AssayClientError } from "./client-error.ts";
import type { ClientOptions, Credentials, TlsOptions } from "./client-options.ts";

/** One connection to the service. */
export type Channel = {
  client: Client;
  /** What a call or stream carries: by what the service recognises this caller. @throws AssayClientError when it cannot be had */
  metadata: () => Promise<Metadata>;
};

/** TLS 1.3, and of TLS 1.2 what has forward secrecy and an AEAD (RFC 9325 section 4.2). */
const CIPHERS =
  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE+AESGCM:ECDHE+CHACHA20";
/** How long `credentials.token` may take, in milliseconds. */
const TOKEN_MS = 5_000;
/** What a header may hold. */
const CREDENTIAL = /^[\x21-\x7E]{1,8192}$/;

const OPTIONS: ChannelOptions = {
  "grpc.use_local_subchannel_pool": 1,
  "grpc.service_config_disable_resolution": 1,
  // Both are done here: with deadlines, and as far as a call may be repeated.
  "grpc.enable_retries": 0,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 1_000,
  // A proxy from the environment would carry what must stay on this machine to another one.
  "grpc.enable_http_proxy": 0,
  "grpc.enable_channelz": 0,
  // So that a peer that is gone without a word is noticed.
  "grpc.keepalive_time_ms": 5_000,
  "grpc.keepalive_timeout_ms": 5_000,
};

type Address = { target: string; host: string | undefined; isLocal: boolean };

/** @throws TypeError that says what is wrong and how to mend it */
export function openChannel({ address, tls, credentials }: ClientOptions): Channel {
  const { target, host, isLocal } = parseAddress(address);
  if (tls === undefined && !isLocal) {
    throw new TypeError(
      "Without tls the address must be on loopback or a Unix socket: tokens would travel in plaintext. Give tls, or an address on this machine.",
    );
  }
  const name = tls === undefined ? undefined : nameToAskFor(host, tls);
  const options = name === undefined ? OPTIONS : { ...OPTIONS, "grpc.ssl_target_name_override": name };
  const secured = tls === undefined ? ChannelCredentials.createInsecure() : secure(host, tls);
  return { client: new Client(target, secured, options), metadata: metadataOf(credentials) };
}

function parseAddress(address: string): Address {
  if (address.startsWith("unix:")) return { target: address, host: undefined, isLocal: true };
  const [, bracketed, plain, port] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || port === undefined)
    throw new TypeError("address must be HOST:PORT, [IPv6]:PORT or unix:PATH");
  return { target: `dns:${address}`, host, isLocal: isLoopback(host) };
}

/** By address only: what a name leads to may change. `localhost` is fixed to loopback by RFC 6761 section 6.3. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** TLS has no server name for an IP address, yet grpc-js sends one: it sends another, and the certificate must name the address. */
function nameToAskFor(host: string | undefined, { serverName }: TlsOptions): string | undefined {
  if (serverName !== undefined) return serverName;
  return host !== undefined && isIP(host) !== 0 ? "localhost" : undefined;
}

function secure(host: string | undefined, { ca, cert, key, serverName }: TlsOptions): ChannelCredentials {
  const context = createSecureContext({
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
  });
  const ip = serverName === undefined && host !== undefined && isIP(host) !== 0 ? host : undefined;
  return ChannelCredentials.createFromSecureContext(
    context,
    ip === undefined ? {} : { checkServerIdentity: (_name, certificate) => checkServerIdentity(ip, certificate) },
  );
}

function metadataOf(credentials: Credentials | undefined): Channel["metadata"] {
  if (credentials === undefined) return async () => new Metadata();
  if ("token" in credentials) return async () => authorization(await tokenOf(credentials.token));
  if (!CREDENTIAL.test(credentials.secret))
    throw new TypeError("credentials.secret must be one word of printable characters");
  const fixed = authorization(credentials.secret);
  return async () => fixed.clone();
}

/** Its own error is left out: it may hold what nobody should read. What does not answer is asked anew by whoever tries again. */
async function tokenOf(ask: () => Promise<string>): Promise<string> {
  const lapse = Promise.withResolvers<undefined>();
  const limit = setTimeout(lapse.resolve, TOKEN_MS, undefined);
  const token = await Promise.race([ask().catch(() => undefined), lapse.promise]).finally(() => clearTimeout(limit));
  if (token === undefined)
    throw new AssayClientError({ code: "UNAVAILABLE", message: "credentials.token failed, or took too long" });
  if (CREDENTIAL.test(token)) return token;
  throw new AssayClientError({ code: "UNAUTHENTICATED", message: "credentials.token gave no token" });
}

function authorization(credential: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${credential}`);
  return metadata;
}

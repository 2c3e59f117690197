import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import { ChannelCredentials } from "@grpc/grpc-js";
import type { ChannelOptions, VerifyOptions } from "@grpc/grpc-js";
import type { ListenAddress } from "../config/listen-address.ts";
import { parseListenAddress } from "../config/listen-address.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { badUsage } from "./failure.ts";

/** What a gRPC client is made of. */
export type Channel = [target: string, credentials: ChannelCredentials, options: ChannelOptions];

/**
 * @param pinned a certificate file: TLS with whoever holds its key, under whatever name
 * @throws Failure
 */
export function channelTo(options: ConnectionOptions, pinned?: string): Channel {
  const address = addressOf(options);
  const target = address.kind === "unix" ? `unix:${address.path}` : options.address;
  // A proxy from the environment would carry what must stay on this machine to another one.
  const plain = { "grpc.enable_http_proxy": 0, "grpc.enable_channelz": 0 };
  if (pinned === undefined && !usesTls(options)) return [target, ChannelCredentials.createInsecure(), plain];
  const context = secureContext(options, pinned);
  const ip = address.kind === "tcp" && isIP(address.host) !== 0 ? address.host : undefined;
  const identity = pinned === undefined ? identityOf(ip) : { checkServerIdentity: () => undefined };
  const named = ip === undefined ? plain : { ...plain, "grpc.ssl_target_name_override": "localhost" };
  return [target, ChannelCredentials.createFromSecureContext(context, identity), named];
}

/** @throws Failure */
export function addressOf({ address: text }: ConnectionOptions): ListenAddress {
  const address = parseListenAddress(text);
  if (address !== undefined) return address;
  throw badUsage(`--address '${text}' is no address: write HOST:PORT, [IPv6]:PORT or unix:/absolute/path.sock`);
}

export function usesTls({ tls, tlsCa, tlsCert, tlsKey }: ConnectionOptions): boolean {
  return tls === true || tlsCa !== undefined || tlsCert !== undefined || tlsKey !== undefined;
}

/** @throws Failure */
export function readNamedFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw badUsage(`${option} ${file} cannot be read${code}: correct the path`);
  }
}

/** TLS has no server name for an IP address, yet grpc-js sends one: it sends another, and the certificate must name the address. */
function identityOf(ip: string | undefined): VerifyOptions {
  return ip === undefined ? {} : { checkServerIdentity: (_name, certificate) => checkServerIdentity(ip, certificate) };
}

function secureContext({ tlsCa, tlsCert, tlsKey }: ConnectionOptions, pinned: string | undefined): SecureContext {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw badUsage("--tls-cert and --tls-key go together: give both");
  }
  const authorities = { option: pinned === undefined ? "--tls-ca" : "listen.tls.certificate", file: pinned ?? tlsCa };
  const files = {
    ...(authorities.file !== undefined && { ca: readNamedFile(authorities.option, authorities.file) }),
    ...(tlsCert !== undefined && { cert: readNamedFile("--tls-cert", tlsCert) }),
    ...(tlsKey !== undefined && { key: readNamedFile("--tls-key", tlsKey) }),
  };
  try {
    return createSecureContext({ ...files, allowPartialTrustChain: pinned !== undefined });
  } catch {
    throw badUsage("the files of --tls-ca, --tls-cert and --tls-key are no PEM, or do not belong together");
  }
}

/** What a verifier shows to its authorities, and by what it knows them. */
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext, type SecureContext } from "node:tls";
import { type ChannelOptions, ChannelCredentials, Metadata } from "@grpc/grpc-js";
import { StartError } from "../../core/start-error.ts";

/** `HOST:PORT`, `[IPv6]:PORT` or a Unix socket. */
export type AuthorityAddress = { kind: "tcp"; host: string; port: number } | { kind: "unix"; path: string };

export type AuthoritySettings = {
  /** Paths of PEM files. Absent: plaintext, for addresses that cannot leave this machine. */
  tls?: { ca: string; certificate?: string | undefined; key?: string | undefined; serverName?: string | undefined };
  /** Path of a file that holds the secret of the caller that this verifier is. */
  secretFile?: string | undefined;
};

/** What a channel to one authority is made of. */
export type ChannelParts = {
  target: string;
  credentials: ChannelCredentials;
  options: ChannelOptions;
  /** What every call carries. */
  metadata: Metadata;
};

/** TLS 1.3, and of TLS 1.2 what has forward secrecy and an AEAD (RFC 9325 section 4.2). */
const CIPHERS =
  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE+AESGCM:ECDHE+CHACHA20";
const GREATEST_MESSAGE = 4_194_304;
const CREDENTIAL = /^[\x21-\x7E]{1,8192}$/;

const OPTIONS: ChannelOptions = {
  // A connection of its own, which ends with the channel and was made with the files as they were then.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.service_config_disable_resolution": 1,
  // Whether a call may be repeated is for who asked to say.
  "grpc.enable_retries": 0,
  // A proxy from the environment would carry what must stay on this machine to another one.
  "grpc.enable_http_proxy": 0,
  "grpc.enable_channelz": 0,
  "grpc.max_receive_message_length": GREATEST_MESSAGE,
  // So that it can tell 100,000 revocations while this process, which has just been started, loads what it needs.
  "grpc-node.flow_control_window": GREATEST_MESSAGE,
};

/** Reads the files anew, so that renewed ones are taken over with the next connection. @throws StartError naming the setting and the file */
export async function channelParts(address: AuthorityAddress, settings: AuthoritySettings): Promise<ChannelParts> {
  const metadata = new Metadata();
  const { tls, secretFile } = settings;
  if (secretFile !== undefined) metadata.set("authorization", `Bearer ${await readSecret(secretFile)}`);
  const target = targetOf(address);
  if (tls === undefined)
    return { target, credentials: ChannelCredentials.createInsecure(), options: OPTIONS, metadata };
  const { serverName } = tls;
  const ip = serverName === undefined ? ipOf(address) : undefined;
  // TLS has no server name for an IP address, yet grpc-js sends one: it sends another, and the certificate must name the address.
  const name = serverName ?? (ip === undefined ? undefined : "localhost");
  return {
    target,
    credentials: ChannelCredentials.createFromSecureContext(
      await secureContext(tls),
      ip === undefined ? {} : { checkServerIdentity: (_name, certificate) => checkServerIdentity(ip, certificate) },
    ),
    options: name === undefined ? OPTIONS : { ...OPTIONS, "grpc.ssl_target_name_override": name },
    metadata,
  };
}

export function formatAddress(address: AuthorityAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

function targetOf(address: AuthorityAddress): string {
  return address.kind === "unix" ? formatAddress(address) : `dns:${formatAddress(address)}`;
}

function ipOf(address: AuthorityAddress): string | undefined {
  return address.kind === "tcp" && isIP(address.host) !== 0 ? address.host : undefined;
}

async function readSecret(path: string): Promise<string> {
  const secret = (await read("upstream.secret_file", path)).toString("utf8").trim();
  if (CREDENTIAL.test(secret)) return secret;
  throw new StartError(
    `The file ${path} of upstream.secret_file holds no secret: put the one line there that 'assay config secret' printed for this verifier.`,
  );
}

async function secureContext({ ca, certificate, key }: NonNullable<AuthoritySettings["tls"]>): Promise<SecureContext> {
  const files = {
    ca: await read("upstream.tls.ca", ca),
    ...(certificate !== undefined && { cert: await read("upstream.tls.certificate", certificate) }),
    ...(key !== undefined && { key: await read("upstream.tls.key", key) }),
  };
  try {
    return createSecureContext({ ...files, minVersion: "TLSv1.2", ciphers: CIPHERS });
  } catch {
    // Without the cause, which could quote what it read.
    throw new StartError(
      "The files of upstream.tls (ca, certificate, key) are no PEM, or do not belong together. Put those that do.",
    );
  }
}

async function read(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new StartError(
      `The file ${path} of ${setting} cannot be read. Make it exist and readable, or set ${setting} to another.`,
      { cause },
    );
  }
}

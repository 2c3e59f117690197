import { EventEmitter } from "node:events";
import { lookup } from "node:dns/promises";
import type { ServerOptions } from "node:https";
import { Metadata } from "@grpc/grpc-js";
import type { Logger } from "pino";
import type { Config } from "../config/schema.ts";
import { parseListenAddress } from "../config/listen-address.ts";
import { type Console, openConsole } from "../console/open-console.ts";
import type { Ask, Presented, Shown } from "../console/shown.ts";
import type { Authority, Environment } from "../core/environment.ts";
import { StartError } from "../core/start-error.ts";
import { listKeyring } from "../keys/keyring-administration.ts";
import type { MetricFamily } from "../telemetry/metric-family.ts";
import { type Authenticate, authenticator } from "../transport/grpc/authenticate.ts";
import type { Served } from "../transport/grpc/front-door.ts";
import { isLoopback } from "../transport/grpc/loopback.ts";
import { readTlsFiles, type TlsMaterial } from "../transport/grpc/tls-files.ts";
import { secureContext } from "../transport/grpc/tls-server.ts";
import { figuresOf } from "./figures-of.ts";
import { tlsFiles } from "./tls-files.ts";

/** Asks all workers of the instance; `metrics` is absent of one that did not answer. */
export type GatherMetrics = () => Promise<readonly { worker: number; metrics?: MetricFamily[] | undefined }[]>;

export type ConsoleFor = {
  served: Served<Environment>;
  /** Absent where nothing is counted. */
  collect: (() => Promise<MetricFamily[]>) | undefined;
  /** Absent where this process is alone. */
  gather: GatherMetrics | undefined;
  log: Logger;
};

export type ServedConsole = {
  /** From the next request on. */
  show(served: Served<Environment>): void;
  takeCertificates(material: TlsMaterial): void;
  close(): Promise<void>;
};

/** @throws StartError where `admin.address` is none, cannot be listened on, or could be reached from elsewhere without TLS */
export async function openConsoleFor(
  config: Config,
  { served, collect, gather, log }: ConsoleFor,
): Promise<ServedConsole> {
  const { host, port } = await placeOf(config.admin.address ?? "");
  const tls = isLoopback(host) ? undefined : await tlsOf(config);
  const console: Console = await openConsole({
    host,
    port,
    tls,
    isDevelopment: config.development,
    shown: shownOf(served),
    ask: collect === undefined ? undefined : askOf(collect, gather),
    log,
  });
  return {
    show: (changed) => console.show(shownOf(changed)),
    takeCertificates: (material) => console.takeCertificates(tlsOptions(config, material)),
    close: () => console.close(),
  };
}

async function placeOf(text: string): Promise<{ host: string; port: number }> {
  const address = parseListenAddress(text);
  if (address?.kind !== "tcp")
    throw new StartError(`admin.address '${text}' is no HOST:PORT. Write 127.0.0.1:50052, say.`);
  try {
    return { host: (await lookup(address.host)).address, port: address.port };
  } catch (cause) {
    const why = `Cannot serve the console on ${address.host}: there is no such host. Set admin.address to an address of this machine.`;
    throw new StartError(why, { cause });
  }
}

async function tlsOf(config: Config): Promise<ServerOptions> {
  const files = tlsFiles(config);
  if (files === undefined) {
    throw new StartError(
      `Cannot serve the console on ${config.admin.address} in plaintext: whoever is on the way could read it, and revoke. Set listen.tls, or admin.address to a loopback address.`,
    );
  }
  return tlsOptions(config, await readTlsFiles(files));
}

function tlsOptions({ listen, limits }: Config, material: TlsMaterial): ServerOptions {
  return {
    ...secureContext(material),
    handshakeTimeout: limits.handshake_timeout,
    requestCert: material.ca !== undefined,
    rejectUnauthorized: material.ca !== undefined && listen.tls?.require_client_certificate === true,
  };
}

function shownOf(served: Served<Environment>): Shown {
  const { environment } = served;
  const recognise = recogniseBy(authenticator({ ...served, isUnixSocket: false }));
  if (!isAuthority(environment)) return { environment, recognise };
  return { environment, authority: environment, listKeys: () => listKeyring(environment.store), recognise };
}

/** A verifier's tells no audit trail: its authorities do. */
function isAuthority(environment: Environment): environment is Authority {
  return "audit" in environment;
}

/** As a call says who it comes from, so that callers are recognised here by the same rules as everywhere. */
function recogniseBy(authenticate: Authenticate): Shown["recognise"] {
  return ({ authorization, certificate, peer }: Presented) => {
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set("authorization", authorization);
    const call = Object.assign(new EventEmitter(), {
      cancelled: false,
      metadata,
      getPeer: () => peer,
      getAuthContext: () => (certificate === undefined ? {} : { sslPeerCertificate: certificate }),
    });
    return authenticate(call);
  };
}

function askOf(collect: () => Promise<MetricFamily[]>, gather: GatherMetrics | undefined): Ask {
  if (gather === undefined) return async () => [{ worker: undefined, figures: figuresOf(await collect()) }];
  return async () =>
    (await gather()).map(({ worker, metrics }) => ({ worker, figures: metrics && figuresOf(metrics) }));
}

/** The listening socket: grpc-js gets its connections from here, since its own server limits neither TLS nor connections. */
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Server as TlsServer } from "node:tls";
import { StartError } from "../../core/start-error.ts";
import type { CallLog } from "./call-log.ts";
import { connectionSet } from "./connection-set.ts";
import { isLoopback } from "./loopback.ts";
import type { ConnectionLimits } from "./http2-limits.ts";
import { createTlsServer, secureContext } from "./tls-server.ts";
import { readTlsFiles, type TlsFiles, type TlsMaterial } from "./tls-files.ts";
import { listenOnPath, makeWayForSocket } from "./unix-socket.ts";

export type ListenAddress = { kind: "tcp"; host: string; port: number } | { kind: "unix"; path: string };

export type ListenerOptions = {
  address: ListenAddress;
  tls: TlsFiles | undefined;
  /** A parent process holds the socket, and has made way for its file. */
  isShared?: boolean;
  limits: Pick<ConnectionLimits, "connections" | "handshakeTimeout">;
  /** Gets every connection that is ready to speak HTTP/2. */
  accept(socket: Socket): void;
  log: CallLog;
};

export type Listener = {
  /** Where it listens: `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`. */
  address: string;
  /** New handshakes are made with these; connections that are open are left alone. Only for a listener that has TLS. */
  takeCertificates(material: TlsMaterial): void;
  /** Takes no further connections. */
  stopAccepting(): void;
  /** Resolves when none of the connections that speak HTTP/2 is left. */
  drained(): Promise<void>;
  /** Cuts what is left. Call it after `stopAccepting`; resolves when everything is closed. */
  cut(): Promise<void>;
};

const BACKLOG = 511;

/** @throws StartError naming the address and the mend */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const accepted = connectionSet();
  const accept = (socket: Socket): void => {
    accepted.add(socket);
    options.accept(socket);
  };
  const tlsServer = await openTlsServer(options, accept);
  const server = tlsServer ?? createServer({ noDelay: true }, accept);
  server.maxConnections = options.limits.connections;
  // Where a parent process spreads connections, they would else go round for ever while every worker is full. Not in the types yet.
  Object.assign(server, { dropMaxConnection: true });
  // Those in the middle of a TLS handshake too.
  const connected = connectionSet();
  server.on("connection", (socket: Socket) => connected.add(socket));
  await listen(server, options);
  const closed = new Promise<void>((resolve) => server.once("close", () => resolve()));
  server.on("error", (error) => options.log.error({ err: error }, "a connection could not be accepted"));
  return {
    address: boundAddress(server),
    takeCertificates: (material) => tlsServer?.setSecureContext(secureContext(material)),
    stopAccepting: () => void server.close(),
    drained: () => accepted.emptied(),
    async cut() {
      accepted.destroyAll();
      connected.destroyAll();
      await closed;
    },
  };
}

async function openTlsServer(
  options: ListenerOptions,
  accept: (socket: Socket) => void,
): Promise<TlsServer | undefined> {
  const { tls, limits, log } = options;
  if (tls === undefined) return undefined;
  return createTlsServer(await readTlsFiles(tls), tls, { accept, handshakeTimeoutMs: limits.handshakeTimeout, log });
}

async function listen(server: Server, { address, tls, isShared }: ListenerOptions): Promise<void> {
  const listening = once(server, "listening");
  if (address.kind === "unix") {
    if (isShared !== true) await makeWayForSocket(address.path);
    listenOnPath(server, address.path);
  } else {
    const host = await addressOf(address.host);
    if (tls === undefined && !isLoopback(host)) throw plaintextRefused(address.host);
    server.listen({ host, port: address.port, backlog: BACKLOG });
  }
  try {
    await listening;
  } catch (cause) {
    throw cannotListen(address, cause);
  }
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new StartError(
      `Cannot listen on ${host}: there is no such host. Set listen.address to an address of this machine.`,
      { cause },
    );
  }
}

function boundAddress(server: Server): string {
  const bound = server.address();
  if (bound === null) throw new Error("a listening server has an address");
  if (typeof bound === "string") return `unix:${bound}`;
  return bound.family === "IPv6" ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

function plaintextRefused(host: string): StartError {
  return new StartError(
    `Cannot listen on ${host} in plaintext: tokens would cross the network in the clear. Set listen.tls, or listen on a loopback address or a Unix socket.`,
  );
}

function cannotListen(address: ListenAddress, cause: unknown): StartError {
  const where = address.kind === "unix" ? `unix:${address.path}` : `${address.host}:${address.port}`;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "an unknown error";
  return new StartError(
    `Cannot listen on ${where}: ${MENDS.get(code) ?? `${code}. Set listen.address to another address.`}`,
    { cause },
  );
}

const MENDS: ReadonlyMap<string, string> = new Map([
  [
    "EADDRINUSE",
    "the port is in use. Stop the process that listens there, or set listen.address (ASSAY_LISTEN_ADDRESS) to another port.",
  ],
  ["EADDRNOTAVAIL", "it is not an address of this machine. Set listen.address to one that is."],
  [
    "EACCES",
    "permission is denied. Set listen.address to a port above 1023, or to a socket in a directory that the service may write to.",
  ],
]);

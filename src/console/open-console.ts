/** The console: pages for people, over HTTP, on a port of their own. */
import { once } from "node:events";
import { createServer, type Server, type ServerOptions } from "node:http";
import {
  createServer as createTlsServer,
  Server as TlsServer,
  type ServerOptions as TlsServerOptions,
} from "node:https";
import { StartError } from "../core/start-error.ts";
import { answering } from "./answer.ts";
import { loadAssets } from "./assets.ts";
import { eventStreams } from "./event-stream.ts";
import { keepTold } from "./keep-told.ts";
import type { Ask, ConsoleLog, Shown } from "./shown.ts";

export type ConsoleOptions = {
  /** An IP address. */
  host: string;
  /** 0 for any that is free. */
  port: number;
  /** Absent: plaintext, and whoever connects is on this machine. */
  tls: TlsServerOptions | undefined;
  /** The service trusts whoever is on this machine with everything. */
  isDevelopment: boolean;
  shown: Shown;
  /** Absent: nothing is counted, and there are no plots. */
  ask: Ask | undefined;
  log: ConsoleLog;
};

export type Console = {
  /** `HOST:PORT` or `[IPv6]:PORT`. */
  address: string;
  /** From the next request on. */
  show(shown: Shown): void;
  /** For the next handshake, where there is TLS. */
  takeCertificates(tls: TlsServerOptions): void;
  /** Whoever is being answered is cut off. */
  close(): Promise<void>;
};

const GREATEST_HEADERS = 16_384;
const MOST_CONNECTIONS = 128;
const [REQUEST_MS, IDLE_MS, CHECK_MS] = [10_000, 30_000, 1_000];

/** @throws StartError when it cannot listen, naming the address and the mend */
export async function openConsole(options: ConsoleOptions): Promise<Console> {
  let { shown } = options;
  const streams = eventStreams();
  const told = keepTold(options, streams, () => shown);
  const answer = answering({
    ...options,
    isPlain: options.tls === undefined,
    assets: await loadAssets(),
    streams,
    told,
    shown: () => shown,
  });
  const server = serverFor(options.tls, (request, response) => void answer(request, response));
  server.maxConnections = MOST_CONNECTIONS;
  server.on("error", (error) => options.log.error({ err: error }, "a connection to the console could not be accepted"));
  try {
    await listen(server, options);
  } catch (error) {
    told.stop();
    throw error;
  }
  const address = boundAddress(server);
  options.log.info({ address }, "the console is served");
  return {
    address,
    show: (changed) => {
      shown = changed;
      // Whoever may still watch connects again by itself.
      streams.closeAll();
    },
    takeCertificates: (tls) => {
      if (server instanceof TlsServer) server.setSecureContext(tls);
    },
    async close() {
      told.stop();
      const closed = once(server, "close");
      server.close();
      streams.closeAll();
      server.closeAllConnections();
      await closed;
    },
  };
}

function serverFor(tls: TlsServerOptions | undefined, answer: Parameters<typeof createServer>[1]) {
  const limits: ServerOptions = {
    maxHeaderSize: GREATEST_HEADERS,
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
  return tls === undefined ? createServer(limits, answer) : createTlsServer({ ...limits, ...tls }, answer);
}

/** Of several workers one serves the console, on a socket of its own. */
async function listen(server: Server, { host, port }: ConsoleOptions): Promise<void> {
  const listening = once(server, "listening");
  server.listen({ host, port, exclusive: true });
  try {
    await listening;
  } catch (cause) {
    throw new StartError(
      `Cannot serve the console on ${host}:${port}: the port is in use, or not for this user. Set admin.address to another.`,
      { cause },
    );
  }
}

function boundAddress(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has an address");
  return bound.family === "IPv6" ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

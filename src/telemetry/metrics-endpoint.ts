/** Where Prometheus asks for metrics: `GET /metrics` over HTTP, and nothing else. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { StartError } from "../core/start-error.ts";
import type { MetricFamily } from "./metric-family.ts";
import { CONTENT_TYPE, prometheusText } from "./prometheus-text.ts";

export type EndpointOptions = {
  /** An IP address. */
  host: string;
  /** 0 for any that is free. */
  port: number;
  collect: () => Promise<readonly MetricFamily[]>;
  log: Readonly<Record<"info" | "warn", (fields: object, message: string) => void>>;
};

export type MetricsEndpoint = {
  /** `HOST:PORT` or `[IPv6]:PORT`. */
  address: string;
  /** Whoever is being answered is cut off. */
  close(): Promise<void>;
};

const PATH = "/metrics";
const GREATEST_HEADERS = 8_192;
const MOST_CONNECTIONS = 16;
const [REQUEST_MS, IDLE_MS, CHECK_MS] = [5_000, 60_000, 1_000];

/** @throws StartError when it cannot listen, naming the address and the mend */
export async function openMetricsEndpoint(options: EndpointOptions): Promise<MetricsEndpoint> {
  const text = sharedText(options);
  const server = createServer(
    {
      maxHeaderSize: GREATEST_HEADERS,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: CHECK_MS,
    },
    (request, response) => void answer(request, response, text),
  );
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, options);
  const address = boundAddress(server);
  options.log.info({ address }, "metrics are served");
  return {
    address,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Whoever asks while metrics are collected gets the same. Undefined where they could not be. */
function sharedText({ collect, log }: EndpointOptions): () => Promise<string | undefined> {
  let collecting: Promise<string | undefined> | undefined;
  const collected = async (): Promise<string | undefined> => {
    try {
      return prometheusText(await collect());
    } catch (error) {
      log.warn({ err: error }, "metrics could not be collected");
      return undefined;
    }
  };
  return () =>
    (collecting ??= collected().finally(() => {
      collecting = undefined;
    }));
}

async function answer(
  { method, url = "" }: IncomingMessage,
  response: ServerResponse,
  text: () => Promise<string | undefined>,
): Promise<void> {
  if (url !== PATH && !url.startsWith(`${PATH}?`)) return refuse(response, 404, "metrics are at /metrics");
  if (method !== "GET") {
    response.setHeader("allow", "GET");
    return refuse(response, 405, "metrics are asked for with GET");
  }
  const metrics = await text();
  if (metrics === undefined) return refuse(response, 503, "metrics could not be collected");
  response.writeHead(200, {
    "content-type": CONTENT_TYPE,
    "content-length": Buffer.byteLength(metrics),
    "cache-control": "no-store",
  });
  response.end(metrics);
}

/** Without waiting for what else it sends. */
function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end(`${why}\n`);
}

async function listen(server: Server, { host, port }: EndpointOptions): Promise<void> {
  const listening = once(server, "listening");
  server.listen({ host, port });
  try {
    await listening;
  } catch (cause) {
    throw new StartError(
      `Cannot serve metrics on ${host}:${port}: the port is in use, or not for this user. Set telemetry.prometheus_address to another.`,
      { cause },
    );
  }
}

function boundAddress(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has an address");
  return bound.family === "IPv6" ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

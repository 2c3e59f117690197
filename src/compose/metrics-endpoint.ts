import { lookup } from "node:dns/promises";
import { parseListenAddress } from "../config/listen-address.ts";
import { StartError } from "../core/start-error.ts";
import { type EndpointOptions, type MetricsEndpoint, openMetricsEndpoint } from "../telemetry/metrics-endpoint.ts";
import { isLoopback } from "../transport/grpc/loopback.ts";

/** @param address `telemetry.prometheus_address`. @throws StartError where that is none, is not loopback, or cannot be listened on */
export async function serveMetrics(
  address: string,
  { collect, log }: Pick<EndpointOptions, "collect" | "log">,
): Promise<MetricsEndpoint> {
  const parsed = parseListenAddress(address);
  if (parsed?.kind !== "tcp") {
    throw new StartError(`telemetry.prometheus_address '${address}' is no HOST:PORT. Write 127.0.0.1:9464, say.`);
  }
  const host = await addressOf(parsed.host);
  if (!isLoopback(host)) throw plaintextRefused(address);
  return openMetricsEndpoint({ host, port: parsed.port, collect, log });
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new StartError(
      `Cannot serve metrics on ${host}: there is no such host. Set telemetry.prometheus_address to a loopback address.`,
      { cause },
    );
  }
}

function plaintextRefused(address: string): StartError {
  return new StartError(
    `Cannot serve metrics on ${address} in plaintext: whoever reaches it could read them. Set telemetry.prometheus_address to a loopback address.`,
  );
}

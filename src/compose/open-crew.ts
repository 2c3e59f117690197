import type { Logger } from "pino";
import type { LoadedConfig } from "../config/load.ts";
import { parseListenAddress } from "../config/listen-address.ts";
import type { Config } from "../config/schema.ts";
import { openLog } from "../telemetry/log.ts";
import { makeWayForSocket, SOCKET_UMASK } from "../transport/grpc/unix-socket.ts";
import { type Crew, openCrew } from "../workers/crew.ts";

/** Serves with several processes. What is loaded here is what each begins with. @throws StartError with what the first of them says */
export async function serveWithCrew(
  { config, input, source }: LoadedConfig,
  workers: number,
): Promise<Pick<Crew, "address" | "problem" | "reload" | "stop" | "lost">> {
  const log = await openLog(config.log);
  const crew = await openCrew({
    workers,
    begin: {
      reachMs: reachMs(config),
      started: input,
      taken: input,
      source,
      umask: await makeWay(config),
    },
    graceMs: config.listen.shutdown_grace,
    log,
  });
  const { enabled, prometheus_address: address } = config.telemetry;
  return address === undefined || enabled === false ? crew : withMetrics(crew, address, log);
}

/** Also while the crew stops. @throws StartError when they cannot be served there; nobody is left then */
async function withMetrics(crew: Crew, address: string, log: Logger): Promise<Crew> {
  const { crewMetrics } = await import("./crew-metrics.ts");
  const { serveMetrics } = await import("./metrics-endpoint.ts");
  try {
    const endpoint = await serveMetrics(address, { collect: crewMetrics(crew.metrics), log });
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => (closed ??= endpoint.close());
    const stop: Crew["stop"] = async (how) => {
      await crew.stop(how);
      await close();
    };
    // Nothing is to keep this process then.
    crew.lost.catch(close);
    return { ...crew, stop };
  } catch (error) {
    await crew.stop({ hurry: true });
    throw error;
  }
}

/** As long as a question to what the revocations come from may take. */
function reachMs({ role, store, upstream }: Config): number {
  return role === "verifier" ? (upstream?.timeout ?? store.timeout) : store.timeout;
}

/**
 * This process makes the file of a Unix socket when the first worker asks for it, and no other file.
 * @returns the mask before, for the workers
 */
async function makeWay({ listen }: Config): Promise<number | undefined> {
  const address = parseListenAddress(listen.address);
  if (address?.kind !== "unix") return undefined;
  await makeWayForSocket(address.path);
  return process.umask(SOCKET_UMASK);
}

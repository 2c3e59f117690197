import { setTimeout as delay } from "node:timers/promises";
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Caller } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import { authenticator, type KnownCaller } from "./authenticate.ts";
import type { CallLog } from "./call-log.ts";
import { callsInFlight } from "./calls-in-flight.ts";
import { type ListenAddress, openListener } from "./listener.ts";
import { openStreams } from "./open-streams.ts";
import { addReflection } from "./reflection.ts";
import type { ObserveRpc } from "./rpc.ts";
import { tokenService } from "./service.ts";
import type { TlsFiles } from "./tls-files.ts";

export type FrontDoorOptions = {
  address: ListenAddress;
  tls: TlsFiles | undefined;
  reflection: boolean;
  maxMessageBytes: number;
  environment: Environment;
  callers: readonly KnownCaller[];
  /** Whoever comes from this machine without credentials, in development. */
  development: Caller | undefined;
  observe: ObserveRpc;
  log: CallLog;
};

export type FrontDoor = {
  /** Where it listens: `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`. */
  address: string;
  /** What the health service says. Not serving until told otherwise. */
  setServing(isServing: boolean): void;
  /**
   * Health NOT_SERVING, no new connections or calls; calls in flight may finish until `graceMs` have passed or `hurry` is aborted,
   * then they are answered UNAVAILABLE and the connections are cut.
   */
  close(graceMs: number, hurry: AbortSignal): Promise<void>;
};

const SERVICES = ["", serviceName(TokenServiceService.introspect.path)];
const FAREWELL_MS = 250;

const LIMITS = {
  "grpc.enable_channelz": 0,
  "grpc.max_concurrent_streams": 1_000,
  /** Megabytes for each connection. */
  "grpc-node.max_session_memory": 64,
  "grpc.max_connection_idle_ms": 600_000,
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
};

/** @throws StartError when it cannot listen, naming the address and the mend */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  // Its log lines would hold metadata, and with it secrets.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({ ...LIMITS, "grpc.max_receive_message_length": options.maxMessageBytes });
  const calls = callsInFlight();
  const streams = openStreams();
  const authenticate = authenticator({ ...options, isUnixSocket: options.address.kind === "unix" });
  const service = tokenService({ ...options, authenticate, calls });
  server.addService(service.definition, service.implementation);
  const health = new HealthImplementation();
  health.addToServer(streams.followed(server));
  const setServing = (isServing: boolean): void => {
    for (const name of SERVICES) health.setStatus(name, isServing ? "SERVING" : "NOT_SERVING");
  };
  setServing(false);
  if (options.reflection) await addReflection(streams.followed(server));

  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await openListener({ ...options, accept: (socket) => injector.injectConnection(socket) });
  return {
    address: listener.address,
    setServing,
    async close(graceMs, hurry) {
      setServing(false);
      listener.stopAccepting();
      streams.endAll();
      // Says goodbye on every connection. It calls back too early for sessions that are closing: the listener knows better.
      server.tryShutdown(() => undefined);
      const drained = listener.drained();
      await Promise.race([drained, waited(graceMs, hurry)]);
      calls.abandon(new AssayError("shutting_down", "the instance is shutting down: retry at another"));
      await Promise.race([drained, waited(FAREWELL_MS)]);
      await listener.cut();
    },
  };
}

async function waited(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}

function serviceName(path: string): string {
  return path.slice(1, path.lastIndexOf("/"));
}

import { setTimeout as delay } from "node:timers/promises";
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import type { Caller } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import { authenticator, type KnownCaller } from "./authenticate.ts";
import { type CallLimits, rateLimits } from "./call-limits.ts";
import type { CallLog } from "./call-log.ts";
import type { VerifyCallerToken } from "./caller-tokens.ts";
import { callsInFlight } from "./calls-in-flight.ts";
import { atFirstStream } from "./first-streams.ts";
import { channelOptions, type ConnectionLimits, limitHttp2, widenWindow } from "./http2-limits.ts";
import { healthService } from "./health-service.ts";
import type { CountIntrospections } from "./introspect-item.ts";
import { type ListenAddress, openListener } from "./listener.ts";
import { openStreams } from "./open-streams.ts";
import { addReflection } from "./reflection.ts";
import type { CallContext, ObserveRpc, RpcContext } from "./rpc.ts";
import type { Service } from "./service.ts";
import { cutSlowRequests } from "./slow-requests.ts";
import { letGoOfStreams } from "./stream-tables.ts";
import { streamsInFlight } from "./streams-in-flight.ts";
import type { TlsFiles, TlsMaterial } from "./tls-files.ts";

export type FrontDoorOptions<Role extends Environment> = {
  address: ListenAddress;
  /** A parent process holds the listening socket. */
  isShared?: boolean;
  tls: TlsFiles | undefined;
  reflection: boolean;
  maxMessageBytes: number;
  connections: ConnectionLimits;
  /** What the first calls are answered from. */
  served: Served<Role>;
  /** What it serves, by role. */
  services(context: RpcContext<Role>): Service[];
  observe: ObserveRpc;
  countIntrospections: CountIntrospections;
  log: CallLog;
};

/** What calls are answered from. Replaced as a whole. */
export type Served<Role extends Environment> = {
  environment: Role;
  callers: readonly KnownCaller[];
  /** Whoever comes from this machine without credentials, in development. */
  development: Caller | undefined;
  /** Absent: no caller is recognised by a JWT. */
  verifyCallerToken?: VerifyCallerToken;
  limits: CallLimits;
};

export type FrontDoor<Role extends Environment> = {
  /** Where it listens: `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`. */
  address: string;
  /** From the next call on, answers from this. Calls in flight keep what they began with, and connections stay; streams end. */
  serve(served: Served<Role>): void;
  /** For the next handshake. Connections that are open stay. */
  takeCertificates(material: TlsMaterial): void;
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

/** @throws StartError when it cannot listen, naming the address and the mend */
export async function openFrontDoor<Role extends Environment>(
  options: FrontDoorOptions<Role>,
): Promise<FrontDoor<Role>> {
  // Its log lines would hold metadata, and with it secrets.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    ...channelOptions(options.connections),
    "grpc.max_receive_message_length": options.maxMessageBytes,
  });
  limitHttp2(server, options.connections);
  const calls = callsInFlight();
  const endless = openStreams();
  const streams = streamsInFlight();
  let current = callContext(options, options.served);
  const services = options.services({ ...options, current: () => current, calls, streams });
  for (const { definition, implementation } of services) server.addService(definition, implementation);
  const health = healthService(SERVICES);
  endless.followed(server).addService(health.definition, health.implementation);
  if (options.reflection) await addReflection(endless.followed(server));

  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await openListener({
    ...options,
    limits: options.connections,
    accept: (socket) => injector.injectConnection(socket),
  });
  const stopPreparing = atFirstStream((session) => {
    letGoOfStreams(session);
    widenWindow(session);
  });
  const stopCutting = cutSlowRequests([
    TokenServiceService.introspectStream.path,
    ...(options.reflection ? ["/grpc.reflection."] : []),
  ]);
  return {
    address: listener.address,
    serve: (served) => {
      current = callContext(options, served);
      // Whoever may watch still begins again.
      streams.endAll();
    },
    takeCertificates: (material) => listener.takeCertificates(material),
    setServing: (isServing) => health.setServing(isServing),
    async close(graceMs, hurry) {
      health.setServing(false);
      listener.stopAccepting();
      endless.endAll();
      streams.endAll(shuttingDown());
      // Says goodbye on every connection. It calls back too early for sessions that are closing: the listener knows better.
      server.tryShutdown(() => undefined);
      const drained = listener.drained();
      await Promise.race([drained, waited(graceMs, hurry)]);
      calls.abandon(shuttingDown());
      await Promise.race([drained, waited(FAREWELL_MS)]);
      await listener.cut();
      stopCutting();
      stopPreparing();
    },
  };
}

/** What was remembered of callers goes with the configuration that knew them. */
function callContext<Role extends Environment>(
  { address }: FrontDoorOptions<Role>,
  { environment, limits, ...who }: Served<Role>,
): CallContext<Role> {
  return {
    environment,
    authenticate: authenticator({ ...who, isUnixSocket: address.kind === "unix" }),
    admit: rateLimits(limits),
    callsInFlight: limits.callsInFlight,
    streams: limits.streams,
  };
}

function shuttingDown(): AssayError {
  return new AssayError("shutting_down", "the instance is shutting down: retry at another");
}

async function waited(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}

function serviceName(path: string): string {
  return path.slice(1, path.lastIndexOf("/"));
}

/** The composition root: configuration → keys → store → core → front door, and the way back. */
import type { DestinationStream, Logger } from "pino";
import { clientPolicies } from "./compose/client-policies.ts";
import { greatestLifetimeMs } from "./compose/greatest-lifetime.ts";
import { developmentCaller, knownCallers } from "./compose/known-callers.ts";
import { openStore, storeKind } from "./compose/open-store.ts";
import { trustedIssuers } from "./compose/trusted-issuers.ts";
import { keepPurged, keepReady } from "./compose/upkeep.ts";
import { parseListenAddress } from "./config/listen-address.ts";
import type { Config } from "./config/schema.ts";
import type { Environment } from "./core/environment.ts";
import { deriveKeys } from "./core/master-key.ts";
import { StartError } from "./core/start-error.ts";
import { openKeys } from "./keys/key-files.ts";
import { openLog } from "./telemetry/log.ts";
import { rpcSpans, unobserved } from "./telemetry/rpc-spans.ts";
import { signalSink } from "./telemetry/signal-sink.ts";
import { startTelemetry } from "./telemetry/telemetry.ts";
import { spanTrace, untraced } from "./telemetry/trace.ts";
import { tracedStore } from "./telemetry/traced-store.ts";
import { type FrontDoor, openFrontDoor } from "./transport/grpc/front-door.ts";

export type StartOptions = {
  /** The configuration's file, for the log. */
  source?: string | undefined;
  /** Where log lines go; standard output when absent. */
  logTo?: DestinationStream;
};

export type Running = {
  /** Where it listens: `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`. */
  address: string;
  /**
   * Finishes the calls it has accepted, for `listen.shutdown_grace` at most, or not at all with `hurry`; then closes everything.
   * May be called again, say to hurry up.
   */
  stop(options?: { hurry?: boolean }): Promise<void>;
};

/** Serves. @throws StartError when the configuration, the keys, the store or the address does not allow it */
export async function start(config: Config, options: StartOptions = {}): Promise<Running> {
  const log = await openLog(config.log, options.logTo);
  const hurry = new AbortController();
  const opened = new AsyncDisposableStack();
  try {
    const { address } = await open(config, log, opened, hurry.signal);
    log.info({ address, store: storeKind(config), config: options.source ?? "built in" }, "serving");
    return { address, stop: stopOnce(opened, hurry, log) };
  } catch (error) {
    await opened
      .disposeAsync()
      .catch((failure: unknown) => log.error({ err: failure }, "the failed start left something open"));
    throw error;
  }
}

/** What is opened is put on the stack, to be closed in reverse. */
async function open(config: Config, log: Logger, opened: AsyncDisposableStack, hurry: AbortSignal): Promise<FrontDoor> {
  const { telemetry: settings, listen } = config;
  const telemetry = await startTelemetry({
    enabled: settings.enabled,
    otlpEndpoint: settings.otlp_endpoint,
    sampleRatio: settings.sample_ratio,
    serviceName: settings.service_name,
    log,
  });
  opened.defer(() => telemetry.stop());

  const environment = await openEnvironment(config, log, opened, telemetry.isOn);
  const purging = keepPurged(environment.store, log);
  opened.defer(() => purging.stop());

  const address = parseListenAddress(listen.address);
  if (address === undefined) throw new StartError(`listen.address '${listen.address}' is not an address.`);
  const door = await openFrontDoor({
    address,
    tls: tlsFiles(config),
    reflection: listen.reflection ?? config.development,
    maxMessageBytes: listen.max_message_bytes,
    environment,
    callers: knownCallers(config),
    development: developmentCaller(config),
    observe: telemetry.isOn ? rpcSpans() : unobserved,
    log,
  });
  opened.defer(() => door.close(listen.shutdown_grace, hurry));
  const readiness = keepReady(environment.store, log, (isServing) => door.setServing(isServing));
  opened.defer(() => readiness.stop());
  await readiness.first;
  return door;
}

async function openEnvironment(
  config: Config,
  log: Logger,
  opened: AsyncDisposableStack,
  isTraced: boolean,
): Promise<Environment> {
  const keyFiles = await openKeys({ dir: config.keys.dir, algorithm: config.keys.algorithm, log });
  opened.defer(() => keyFiles.close());
  const keys = deriveKeys(keyFiles.masterKey);
  const store = await openStore(config, { keyCheck: keys.check, greatestLifetimeMs: greatestLifetimeMs(config), log });
  opened.defer(() => store.close());
  const trace = isTraced ? spanTrace() : untraced;
  return {
    issuer: config.issuer,
    leeway: config.tokens.leeway,
    accessMaxLifetime: config.tokens.access_max_lifetime,
    clients: clientPolicies(config),
    issuers: trustedIssuers(config, log),
    keys,
    keyring: keyFiles.keyring,
    macKeys: keyFiles.macKeys,
    store: isTraced ? tracedStore(store, storeKind(config), trace) : store,
    signals: signalSink(log),
    trace,
  };
}

function tlsFiles({ listen: { tls } }: Config) {
  if (tls === undefined) return undefined;
  return {
    certificate: tls.certificate,
    key: tls.key,
    clientCa: tls.client_ca,
    requireClientCertificate: tls.require_client_certificate,
  };
}

function stopOnce(opened: AsyncDisposableStack, hurry: AbortController, log: Logger): Running["stop"] {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info({}, "stopping");
    await opened.disposeAsync();
    log.info({}, "stopped");
  };
  return (options = {}) => {
    if (options.hurry === true) hurry.abort();
    stopped ??= stop();
    return stopped;
  };
}

/** The composition root: configuration → keys → store → core → front door, and the way back. */
import type { DestinationStream, Logger } from "pino";
import { greatestLifetimeMs } from "./compose/greatest-lifetime.ts";
import { issuerKeyPool, type OpenKeys } from "./compose/issuer-key-pool.ts";
import { keyringPolicy, masterKeySource } from "./compose/keyring-options.ts";
import { openStore, storeKind } from "./compose/open-store.ts";
import { policyOf } from "./compose/policy.ts";
import { keepReloaded, type ReloadOptions } from "./compose/reload.ts";
import { connectionLimits, servedBy } from "./compose/served.ts";
import { tlsFiles } from "./compose/tls-files.ts";
import { keepPurged, keepReady } from "./compose/upkeep.ts";
import { parseListenAddress } from "./config/listen-address.ts";
import type { Config } from "./config/schema.ts";
import type { Environment } from "./core/environment.ts";
import { gate } from "./core/gate.ts";
import { StartError } from "./core/start-error.ts";
import { type OpenKeyring, openKeyring } from "./keys/open-keyring.ts";
import { issuerKeyMetrics } from "./telemetry/issuer-key-metrics.ts";
import { openLog } from "./telemetry/log.ts";
import { rpcSpans, unobserved } from "./telemetry/rpc-spans.ts";
import { signalSink } from "./telemetry/signal-sink.ts";
import { startTelemetry } from "./telemetry/telemetry.ts";
import { spanTrace, untraced } from "./telemetry/trace.ts";
import { tracedStore } from "./telemetry/traced-store.ts";
import { openFrontDoor } from "./transport/grpc/front-door.ts";

export type StartOptions = {
  /** The configuration's file, for the log. */
  source?: string | undefined;
  /** Where log lines go; standard output when absent. */
  logTo?: DestinationStream;
  /**
   * Loads the configuration anew: when its file or a certificate changes, and at `Running.reload`. Absent: what it was started with
   * stays. @throws StartError with all that is wrong with it
   */
  load?: () => Promise<Config>;
};

export type Running = {
  /** Where it listens: `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`. */
  address: string;
  /** Why it was not ready when it began to listen, as a sentence; undefined when it was. */
  problem: string | undefined;
  /** Takes over what has changed, or says in the log why not. Never rejects; connections and calls go on. */
  reload(): Promise<void>;
  /**
   * Finishes the calls it has accepted, for `listen.shutdown_grace` at most, or not at all with `hurry`; then closes everything.
   * May be called again, say to hurry up.
   */
  stop(options?: { hurry?: boolean }): Promise<void>;
};

/** WebCrypto works in four threads: more at once would only fill their queue. */
const SIGNATURE_CHECKS = { atOnce: 32, waiting: 4_096 };

/** Serves. @throws StartError when the configuration, the keys, the store or the address does not allow it */
export async function start(config: Config, options: StartOptions = {}): Promise<Running> {
  const log = await openLog(config.log, options.logTo);
  const hurry = new AbortController();
  const opened = new AsyncDisposableStack();
  try {
    const { address, problem, reload } = await open(config, options, log, opened, hurry.signal);
    const isReady = problem === undefined;
    log.info(
      { address, store: storeKind(config), config: options.source ?? "built in" },
      isReady ? "serving" : "listening",
    );
    return { address, problem, reload, stop: stopOnce(opened, hurry, log) };
  } catch (error) {
    await opened
      .disposeAsync()
      .catch((failure: unknown) => log.error({ err: failure }, "the failed start left something open"));
    throw error;
  }
}

/** What is opened is put on the stack, to be closed in reverse. */
async function open(
  config: Config,
  options: StartOptions,
  log: Logger,
  opened: AsyncDisposableStack,
  hurry: AbortSignal,
): Promise<Omit<Running, "stop">> {
  const { telemetry: settings, listen } = config;
  const telemetry = await startTelemetry({
    enabled: settings.enabled,
    otlpEndpoint: settings.otlp_endpoint,
    sampleRatio: settings.sample_ratio,
    serviceName: settings.service_name,
    log,
  });
  opened.defer(() => telemetry.stop());

  const issuerKeys = issuerKeyPool(log, issuerKeyMetrics());
  const { environment, keyring } = await openEnvironment(config, log, opened, telemetry.isOn, issuerKeys.open);
  const purging = keepPurged(environment.store, log);
  opened.defer(() => purging.stop());

  const address = parseListenAddress(listen.address);
  if (address === undefined) throw new StartError(`listen.address '${listen.address}' is not an address.`);
  const door = await openFrontDoor({
    address,
    tls: tlsFiles(config),
    reflection: listen.reflection ?? config.development,
    maxMessageBytes: listen.max_message_bytes,
    connections: connectionLimits(config),
    served: servedBy(config, environment, issuerKeys.open),
    observe: telemetry.isOn ? rpcSpans() : unobserved,
    log,
  });
  opened.defer(() => door.close(listen.shutdown_grace, hurry));
  const readiness = keepReady([environment.store, keyring], log, (isServing) => door.setServing(isServing));
  opened.defer(() => readiness.stop());
  await readiness.first;
  issuerKeys.settle(true);
  return {
    address: door.address,
    problem: readiness.problem(),
    reload: keepChanging(config, options, { environment, issuerKeys, door, log }, opened),
  };
}

function keepChanging(
  config: Config,
  { source, load }: StartOptions,
  parts: Pick<ReloadOptions, "environment" | "issuerKeys" | "door" | "log">,
  opened: AsyncDisposableStack,
): Running["reload"] {
  if (load === undefined) return async () => undefined;
  const reloading = keepReloaded({ config, load, source, ...parts });
  opened.defer(() => reloading.stop());
  return () => reloading.now();
}

async function openEnvironment(
  config: Config,
  log: Logger,
  opened: AsyncDisposableStack,
  isTraced: boolean,
  openIssuerKeys: OpenKeys,
): Promise<{ environment: Environment; keyring: OpenKeyring }> {
  const store = await openStore(config, { greatestLifetimeMs: greatestLifetimeMs(config), log });
  opened.defer(() => store.close());
  const keyring = await openKeyring({
    store,
    issuer: config.issuer,
    master: masterKeySource(config),
    policy: keyringPolicy(config),
    log,
  });
  opened.defer(() => keyring.close());
  const trace = isTraced ? spanTrace() : untraced;
  const environment = {
    ...policyOf(config, openIssuerKeys),
    keys: keyring.derived,
    keyring: keyring.keyring,
    macKeys: keyring.macKeys,
    store: isTraced ? tracedStore(store, storeKind(config), trace) : store,
    signatureChecks: gate(SIGNATURE_CHECKS),
    signals: signalSink(log),
    trace,
  };
  return { environment, keyring };
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

/** The composition root: configuration → keys → store → core → front door, and the way back. */
import type { DestinationStream, Logger } from "pino";
import { withFixed } from "./compose/fixed-settings.ts";
import type { FollowedUpstream, FollowOptions } from "./compose/follow-upstream.ts";
import type { GatherMetrics, ServedConsole } from "./compose/console.ts";
import { issuerKeyPool, type IssuerKeyPool } from "./compose/issuer-key-pool.ts";
import { storeKind } from "./compose/open-store.ts";
import type { OpenedRole } from "./compose/opened-role.ts";
import { startMemoryRelease } from "./compose/release-start-memory.ts";
import { keepReloaded, watchedContent } from "./compose/reload.ts";
import { connectionLimits, servedBy } from "./compose/served.ts";
import { joinSiblings, type Siblings } from "./compose/siblings.ts";
import { tlsFiles } from "./compose/tls-files.ts";
import { keepReady } from "./compose/upkeep.ts";
import { parseListenAddress } from "./config/listen-address.ts";
import type { Config } from "./config/schema.ts";
import type { Environment } from "./core/environment.ts";
import { StartError } from "./core/start-error.ts";
import { issuerKeyMetrics } from "./telemetry/issuer-key-metrics.ts";
import { openLog } from "./telemetry/log.ts";
import { introspectionCounter, uncounted } from "./telemetry/introspection-counter.ts";
import { rememberedTokenMetrics, unfollowed } from "./telemetry/remembered-token-metrics.ts";
import { rpcSpans, unobserved } from "./telemetry/rpc-spans.ts";
import { startTelemetry, type Telemetry } from "./telemetry/telemetry.ts";
import type { FrontDoor, Served } from "./transport/grpc/front-door.ts";

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
  /** Where this process is one of several that serve as one instance. */
  worker?: Worker;
};

type Worker = {
  /** For the log. */
  number: number;
  siblings: Siblings;
  /** What each of the instance's workers has counted and measured. */
  gather: GatherMetrics;
  /** What its siblings have taken over since they were started. */
  taken: Config;
  /** Called when what was last loaded has been taken over. */
  tookOver(): void;
};

export type Running = {
  /** Where it listens: `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`. */
  address: string;
  /** Why it was not ready when it began to listen, as a sentence; undefined when it was. */
  problem: string | undefined;
  /** Takes over what has changed, or says in the log why not. Never rejects; connections and calls go on. */
  reload(): Promise<void>;
  /** Where they are asked for: what it has counted and measured. */
  metrics: Telemetry["collect"];
  /**
   * Finishes the calls it has accepted, for `listen.shutdown_grace` at most, or not at all with `hurry`; then closes everything.
   * May be called again, say to hurry up.
   */
  stop(options?: { hurry?: boolean }): Promise<void>;
};

/** For what the last calls told, where they took all of the grace. */
const LEAST_DRAIN_MS = 500;

/** Serves. @throws StartError when the configuration, the keys, the store or the address does not allow it */
export async function start(config: Config, options: StartOptions = {}): Promise<Running> {
  const log = await openLog({ ...config.log, worker: options.worker?.number }, options.logTo);
  const hurry = new AbortController();
  const opened = new AsyncDisposableStack();
  try {
    const { address, problem, reload, metrics } = await open(config, options, log, opened, hurry.signal);
    const isReady = problem === undefined;
    const behind =
      config.role === "verifier" ? { authorities: config.upstream?.authorities } : { store: storeKind(config) };
    log.info(
      { address, role: config.role, ...behind, config: options.source ?? "built in" },
      isReady ? "serving" : "listening",
    );
    return { address, problem, reload, metrics, stop: stopOnce(opened, hurry, log) };
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
  const { telemetry: settings } = config;
  const followed = config.role === "verifier" ? await follow({ config, log, opened }) : undefined;
  const telemetry = await startTelemetry({
    enabled: settings.enabled,
    otlpEndpoint: settings.otlp_endpoint,
    isScraped: settings.prometheus_address !== undefined || config.admin.address !== undefined,
    sampleRatio: settings.sample_ratio,
    serviceName: settings.service_name,
    maxAuditOutageMs: settings.max_audit_outage,
    log,
  });
  opened.defer(() => telemetry.stop());
  const { collect } = telemetry;
  // Of several processes the first serves the sum.
  if (settings.prometheus_address !== undefined && collect !== undefined && options.worker === undefined) {
    const { serveMetrics } = await import("./compose/metrics-endpoint.ts");
    const endpoint = await serveMetrics(settings.prometheus_address, { collect, log });
    opened.defer(() => endpoint.close());
  }

  const issuerKeys = issuerKeyPool(log, issuerKeyMetrics());
  const siblings = options.worker?.siblings;
  const { isOn: isTraced, trail } = telemetry;
  const role = { config, log, opened, isTraced, trail, openIssuerKeys: issuerKeys.open, siblings };
  const around = { config, options, log, opened, hurry, issuerKeys, telemetry };
  if (followed !== undefined) {
    const { openVerifier } = await import("./compose/open-verifier.ts");
    return serve(await openVerifier(role, followed), around);
  }
  const { openAuthority } = await import("./compose/open-authority.ts");
  return serve(await openAuthority(role), around);
}

/** An authority tells its revocations while all that is not needed for that is loaded: telemetry, the role, the front door. */
async function follow(options: FollowOptions): Promise<FollowedUpstream> {
  const { followUpstream } = await import("./compose/follow-upstream.ts");
  return followUpstream(options);
}

type Around = {
  config: Config;
  options: StartOptions;
  log: Logger;
  opened: AsyncDisposableStack;
  hurry: AbortSignal;
  issuerKeys: IssuerKeyPool;
  telemetry: Telemetry;
};

async function serve<Role extends Environment>(
  { environmentBy, services, revocations, parts, drain }: OpenedRole<Role>,
  around: Around,
): Promise<Omit<Running, "stop">> {
  const { config, options, log, opened, hurry, issuerKeys, telemetry } = around;
  const { listen } = config;
  const { worker } = options;
  const loaded = worker?.taken ?? config;
  const taken = withFixed(config, loaded);
  const address = parseListenAddress(listen.address);
  if (address === undefined) throw new StartError(`listen.address '${listen.address}' is not an address.`);
  if (worker !== undefined) {
    opened.defer(() => worker.siblings.leave());
    await joinSiblings(worker.siblings, revocations, config.revocations.max_staleness);
  }
  const before = await watchedContent(options.source, taken);
  const { openFrontDoor } = await import("./transport/grpc/front-door.ts");
  const followMemory = telemetry.isOn ? rememberedTokenMetrics() : unfollowed;
  const served = servedBy(taken, environmentBy(taken), issuerKeys.open);
  followMemory(served.environment);
  const door = await openFrontDoor({
    address,
    isShared: worker !== undefined,
    tls: tlsFiles(taken),
    reflection: listen.reflection ?? config.development,
    maxMessageBytes: listen.max_message_bytes,
    connections: connectionLimits(config),
    served,
    services,
    observe: telemetry.isOn ? rpcSpans() : unobserved,
    countIntrospections: telemetry.isOn ? introspectionCounter() : uncounted,
    log,
  });
  opened.defer(async () => {
    const end = performance.now() + listen.shutdown_grace;
    await door.close(listen.shutdown_grace, hurry);
    await drain?.(Math.max(LEAST_DRAIN_MS, end - performance.now()), hurry);
  });
  const pages = await serveConsole(around, served);
  if (pages !== undefined) opened.defer(() => pages.close());
  const releaseMemory = startMemoryRelease();
  const readiness = keepReady(parts, log, (isServing) => {
    door.setServing(isServing);
    if (isServing) releaseMemory();
  });
  opened.defer(() => readiness.stop());
  await readiness.first;
  issuerKeys.settle(true);
  const changing: FrontDoor<Role> = {
    ...door,
    serve(changed) {
      door.serve(changed);
      followMemory(changed.environment);
      pages?.show(changed);
    },
    takeCertificates(material) {
      door.takeCertificates(material);
      pages?.takeCertificates(material);
    },
  };
  return {
    address: door.address,
    problem: readiness.problem(),
    metrics: telemetry.collect,
    reload: keepChanging(around, { taken: loaded, before }, environmentBy, changing),
  };
}

/** Of several workers the first serves it, for all. Undefined where it is not asked for. */
async function serveConsole(
  { config, options: { worker }, telemetry: { collect }, log }: Around,
  served: Served<Environment>,
): Promise<ServedConsole | undefined> {
  if (config.admin.address === undefined || (worker !== undefined && worker.number !== 1)) return undefined;
  const { openConsoleFor } = await import("./compose/console.ts");
  return openConsoleFor(config, { served, collect, gather: worker?.gather, log });
}

function keepChanging<Role extends Environment>(
  { config, options: { source, load, worker }, issuerKeys, log, opened }: Around,
  first: { taken: Config; before: string },
  environmentBy: OpenedRole<Role>["environmentBy"],
  door: FrontDoor<Role>,
): Running["reload"] {
  if (load === undefined) return async () => undefined;
  const tookOver = (): void => worker?.tookOver();
  const reloading = keepReloaded({ config, ...first, load, source, tookOver, environmentBy, issuerKeys, door, log });
  opened.defer(() => reloading.stop());
  return () => reloading.now();
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

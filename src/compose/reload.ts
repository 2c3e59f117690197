import { isDeepStrictEqual } from "node:util";
import type { Config } from "../config/schema.ts";
import type { Environment } from "../core/environment.ts";
import { StartError } from "../core/start-error.ts";
import type { FrontDoor } from "../transport/grpc/front-door.ts";
import { readTlsFiles } from "../transport/grpc/tls-files.ts";
import { fixedChanges, withFixed } from "./fixed-settings.ts";
import { greatestLifetimeMs, lifetimesMs } from "./greatest-lifetime.ts";
import type { IssuerKeyPool } from "./issuer-key-pool.ts";
import { servedBy } from "./served.ts";
import { tlsFiles } from "./tls-files.ts";
import { contentOf, watchFiles } from "./watch-files.ts";

export type ReloadOptions<Role extends Environment> = {
  /** What the process was started with. */
  config: Config;
  /** What holds at first, as it was loaded. */
  taken: Config;
  /** What `watchedContent` said before the certificates were read. */
  before: string;
  /** Where a changed configuration comes from. @throws StartError with all that is wrong with it */
  load(): Promise<Config>;
  /** Called when it holds. */
  tookOver(): void;
  /** The configuration's file, to be watched. */
  source: string | undefined;
  /** What calls are answered from, by the changed configuration. @throws StartError */
  environmentBy: (config: Config) => Role;
  issuerKeys: IssuerKeyPool;
  door: FrontDoor<Role>;
  log: Readonly<Record<"info" | "warn" | "error", (fields: object, message: string) => void>>;
};

export type Reloading = {
  /** Takes over what has changed, or says in the log why not. Never rejects. */
  now(): Promise<void>;
  stop(): Promise<void>;
};

/** What the files hold that are watched. */
export function watchedContent(source: string | undefined, config: Config): Promise<string> {
  return contentOf(watchedFiles(source, config));
}

/**
 * Takes over changes of the configuration and of certificates: those since they were loaded, and later ones when a file changes and when
 * asked to. A change is taken over as a whole or not at all. Connections stay, calls in flight end as they began.
 */
export function keepReloaded<Role extends Environment>(options: ReloadOptions<Role>): Reloading {
  let current = withFixed(options.config, options.taken);
  const caughtUp = async (): Promise<void> => {
    // What cannot be loaded has changed, too.
    const loaded = await options.load().catch(() => undefined);
    if (!isDeepStrictEqual(loaded, options.taken)) current = await tried(options, current);
  };
  let last = caughtUp();
  // One after the other, so that the last to be asked for is the last to be taken over.
  const now = (): Promise<void> => {
    last = after(last);
    return last;
  };
  const after = async (earlier: Promise<void>): Promise<void> => {
    await earlier;
    current = await tried(options, current);
  };
  const watching = watchFiles(options.before, () => watchedFiles(options.source, current), now);
  return {
    now,
    async stop() {
      await watching.stop();
      await last;
    },
  };
}

function watchedFiles(source: string | undefined, { listen: { tls } }: Config): string[] {
  return [source, tls?.certificate, tls?.key, tls?.client_ca].filter((path) => path !== undefined);
}

/** @returns the configuration that holds from now on */
async function tried<Role extends Environment>(options: ReloadOptions<Role>, running: Config): Promise<Config> {
  const { log, issuerKeys } = options;
  try {
    const changed = await options.load();
    const fixed = fixedChanges(options.config, changed);
    const config = withFixed(options.config, changed);
    await takeOver(options, config);
    issuerKeys.settle(true);
    options.tookOver();
    if (fixed.length > 0) log.warn({ settings: fixed }, "some changed settings wait for a restart");
    log.info({ callers: config.callers.map(({ name }) => name) }, "the configuration was taken over");
    return config;
  } catch (error) {
    issuerKeys.settle(false);
    // A StartError says what is wrong, where, and how to mend it.
    const why = error instanceof StartError ? { problem: error.message } : { err: error };
    log.error(why, "the changed configuration is refused: the old one stays");
    return running;
  }
}

/** Everything that may fail comes first. */
async function takeOver<Role extends Environment>(
  { environmentBy, door, issuerKeys, config: started }: ReloadOptions<Role>,
  config: Config,
): Promise<void> {
  if (outlives(config, started)) throw livesTooLong();
  const served = servedBy(config, environmentBy(config), issuerKeys.open);
  const tls = tlsFiles(config);
  const certificates = tls === undefined ? undefined : await readTlsFiles(tls);
  if (certificates !== undefined) door.takeCertificates(certificates);
  door.serve(served);
}

/** The store keeps revocations, and the keyring keeps keys, for the lifetimes that they were opened with. */
function outlives(config: Config, started: Config): boolean {
  const [changed, known] = [lifetimesMs(config), lifetimesMs(started)];
  return (
    greatestLifetimeMs(config) > greatestLifetimeMs(started) ||
    changed.access > known.access ||
    changed.families > known.families
  );
}

function livesTooLong(): StartError {
  return new StartError(
    "Tokens would live longer than revocations and keys are kept: the configuration raises the greatest lifetime of a token or a family. Restart to take it over, or leave access_max_lifetime, refresh_absolute_lifetime, max_lifetime and leeway as they were.",
  );
}

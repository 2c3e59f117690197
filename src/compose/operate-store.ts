/** The operator's decisions on the configured store, taken from the command line, also while instances run. */
import { existsSync, statSync } from "node:fs";
import type { Config } from "../config/schema.ts";
import { StartError } from "../core/start-error.ts";
import { greatestLifetimeMs } from "./greatest-lifetime.ts";
import { redisSettings, sqlitePath } from "./open-store.ts";
import { refuseVerifier } from "./refuse-verifier.ts";

/** What is wrong with the store before anything is done, for the operator to decide by. */
export type StoreLoss = {
  /** A path, or hosts and ports. */
  where: string;
  kind: "sqlite" | "redis";
  /** `whole`: nothing is missing. `absent`: nothing is there at all. */
  state: "whole" | "absent" | "damaged";
  /** The parts that have gone, in words. */
  lost: readonly string[];
  /** As far as what is left tells it. */
  incarnation: string | undefined;
  /** Lost stores that nobody has put back yet, separated by commas. */
  awaited: string | undefined;
};

export type AcceptedLoss = {
  /** The incarnation that was lost, where nothing is left that tells it. */
  predecessor?: string;
  /** Who holds what was lost: nobody is waited for. */
  nobodyLeft?: boolean;
};

export type MadeStore = {
  incarnation: string;
  /** Incarnations whose running instances go over to this one. */
  predecessors: readonly string[];
};

/** @throws StartError where a store is there already, or none can be made */
export async function initStore(config: Config): Promise<MadeStore> {
  refuseVerifier(config);
  const { incarnation, isNew, where } = await makeWhereNoneIs(config);
  if (isNew) return { incarnation, predecessors: [] };
  throw new StartError(
    `There is a store at ${where} already (incarnation ${incarnation}), and it lacks nothing: nothing was done. Start the service: assay serve`,
  );
}

/** Looks only. @throws StartError where the store cannot be looked at */
export async function lossOfStore(config: Config): Promise<StoreLoss> {
  refuseVerifier(config);
  const path = sqlitePath(config);
  if (path === undefined) {
    const { inspectRedis } = await import("../store/redis/inspect.ts");
    const { store } = config;
    const { contents, address } = await inspectRedis({
      ...redisSettings(config),
      allowVolatile: store.unsafe_allow_volatile,
      attestDurable: store.attest_durable,
    });
    return { kind: "redis", where: address, ...partsOf(contents) };
  }
  const { inspectSqlite } = await import("../store/sqlite/inspect.ts");
  return { kind: "sqlite", where: path, ...partsOf(inspectSqlite(path).contents) };
}

/**
 * @returns undefined when nothing is missing: then nothing was done
 * @throws StartError
 */
export async function acceptStoreLoss(
  config: Config,
  { predecessor, nobodyLeft }: AcceptedLoss,
): Promise<MadeStore | undefined> {
  const lifetime = { greatestLifetimeMs: greatestLifetimeMs(config) };
  const path = sqlitePath(config);
  if (path === undefined) {
    const { acceptLoss } = await import("../store/redis/operator.ts");
    return acceptLoss({ ...redisSettings(config), ...lifetime }, predecessor, nobodyLeft);
  }
  const { acceptSqliteLoss } = await import("../store/sqlite/operator.ts");
  const made = acceptSqliteLoss({ path, now: Date.now(), ...lifetime });
  return made && { ...made, predecessors: [] };
}

type Contents = {
  store: StoreLoss["state"];
  lost?: readonly string[];
  incarnation?: string | undefined;
  awaited?: string | undefined;
};

function partsOf({ store, lost = [], incarnation, awaited }: Contents): Omit<StoreLoss, "kind" | "where"> {
  return { state: store, lost, incarnation, awaited };
}

async function makeWhereNoneIs(config: Config): Promise<{ incarnation: string; isNew: boolean; where: string }> {
  const lifetime = { greatestLifetimeMs: greatestLifetimeMs(config) };
  const path = sqlitePath(config);
  if (path === undefined) {
    const { initRedisStore } = await import("../store/redis/operator.ts");
    const { parseRedisUrl } = await import("../store/redis/redis-url.ts");
    const made = await initRedisStore({ ...redisSettings(config), ...lifetime });
    return { ...made, where: parseRedisUrl(config.store.url).address };
  }
  const { initSqliteStore } = await import("../store/sqlite/operator.ts");
  const isThere = existsSync(path) && statSync(path).size > 0;
  return { ...(await initSqliteStore({ path, now: Date.now(), isThere, ...lifetime })), where: path };
}

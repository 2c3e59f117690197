/** The keyring from the command line: the configured store is opened for it, also while instances serve. */
import { existsSync } from "node:fs";
import type { Config } from "../config/schema.ts";
import type { SigningAlgorithm, Store } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import { type KeyListing, listKeyring, rotateKeyring } from "../keys/keyring-administration.ts";
import { greatestLifetimeMs } from "./greatest-lifetime.ts";
import { keyringPolicy, masterKeySource } from "./keyring-options.ts";
import { openStore, sqlitePath } from "./open-store.ts";
import { refuseVerifier } from "./refuse-verifier.ts";

export type RotationWish = { kinds: ReadonlyArray<"signing" | "mac">; algorithm?: SigningAlgorithm | undefined };

/** What is wrong with the store is said by its `problem`. */
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** @throws StartError */
export function listOwnKeys(config: Config): Promise<KeyListing[]> {
  return withStore(config, listKeyring);
}

/** @returns the keys that were made. @throws StartError */
export function rotateOwnKeys(config: Config, { kinds, algorithm }: RotationWish): Promise<KeyListing[]> {
  const policy = keyringPolicy(config, algorithm);
  return withStore(config, (store) => rotateKeyring({ store, master: masterKeySource(config), policy, kinds }));
}

async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  refuseVerifier(config);
  const path = sqlitePath(config);
  if (path !== undefined && !existsSync(path)) {
    throw new StartError(`There is no store at ${path}. Start the service once, which makes it, or correct store.url.`);
  }
  const store = await openStore(config, { greatestLifetimeMs: greatestLifetimeMs(config), log: SILENT });
  try {
    const problem = await store.problem();
    if (problem !== undefined) throw new StartError(problem);
    return await work(store);
  } finally {
    await store.close();
  }
}

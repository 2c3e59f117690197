import { existsSync } from "node:fs";
import type { Config } from "../config/schema.ts";
import type { Store } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import { greatestLifetimeMs } from "./greatest-lifetime.ts";
import { openStore, sqlitePath } from "./open-store.ts";
import { refuseVerifier } from "./refuse-verifier.ts";

/** What is wrong with the store is said by its `problem`. */
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens the configured store for one piece of work from the command line, also while instances serve. @throws StartError */
export async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
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

import type { Keyring, MacKeys, SigningAlgorithm } from "../core/ports.ts";
import { makeMissingKeys } from "./first-keys.ts";
import { checkKeyDirectory, keyFileNames, type KeyFileNames, makeKeyDirectory } from "./key-directory.ts";
import type { KeyLog } from "./key-log.ts";
import { servingKeys } from "./keyring.ts";
import { loadMasterKey, loadRotatingKeys, type RotatingKeys } from "./load-keys.ts";

export type KeyFilesOptions = {
  /** Shared by all instances of one deployment. */
  dir: string;
  /** For a signing key made now. Keys of other algorithms go on serving. */
  algorithm: SigningAlgorithm;
  log?: KeyLog;
  /** Wall clock in milliseconds: which key is active follows from it. */
  now?: () => number;
};

export type KeyFiles = {
  keyring: Keyring;
  macKeys: MacKeys;
  /** 32 bytes. */
  masterKey: Buffer;
  close(): void;
};

/** How often the directory is listed for keys that were added or removed, in milliseconds. */
const LISTING_INTERVAL = 1_000;

/**
 * Opens the keys in `dir`, and makes those that are missing. Follows the directory until closed, so that a rotation takes
 * effect without a restart; a key that nobody knows costs no look at the directory.
 * @throws StartError naming the file or directory that is unfit, and the mend
 */
export async function openKeys({ dir, algorithm, log, now = Date.now }: KeyFilesOptions): Promise<KeyFiles> {
  await makeKeyDirectory(dir);
  await checkKeyDirectory(dir);
  const made = await makeMissingKeys(dir, algorithm);
  if (made.length > 0) log?.info({ dir, files: made }, "made new keys");
  const masterKey = (await loadMasterKey(dir)).key;
  const followed = await follow(dir, log);
  return { ...servingKeys(followed.current, now), masterKey, close: followed.close };
}

async function follow(dir: string, log?: KeyLog): Promise<{ current: () => RotatingKeys; close: () => void }> {
  let names = await keyFileNames(dir);
  let keys = await loadRotatingKeys(dir, names);
  let reported: string | undefined;
  let reading = false;

  const read = async (): Promise<void> => {
    const found = await keyFileNames(dir);
    if (sameNames(found, names)) return;
    keys = await loadRotatingKeys(dir, found);
    names = found;
    reported = undefined;
    log?.info({ dir, signing: keys.signing.map((key) => key.kid) }, "the key directory has changed");
  };
  const report = (cause: unknown): void => {
    const problem = cause instanceof Error ? cause.message : String(cause);
    if (problem !== reported)
      log?.warn({ dir, problem }, "the keys cannot be read again; those read before stay in use");
    reported = problem;
  };
  const timer = setInterval(() => {
    if (reading) return;
    reading = true;
    void read()
      .catch(report)
      .finally(() => (reading = false));
  }, LISTING_INTERVAL);
  timer.unref();
  return { current: () => keys, close: () => clearInterval(timer) };
}

function sameNames(left: KeyFileNames, right: KeyFileNames): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

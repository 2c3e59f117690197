/** The keyring from the command line: the configured store is opened for it, also while instances serve. */
import type { Config } from "../config/schema.ts";
import type { SigningAlgorithm } from "../core/ports.ts";
import { type KeyListing, listKeyring, rotateKeyring } from "../keys/keyring-administration.ts";
import { keyringPolicy, masterKeySource } from "./keyring-options.ts";
import { withStore } from "./with-store.ts";

export type RotationWish = { kinds: ReadonlyArray<"signing" | "mac">; algorithm?: SigningAlgorithm | undefined };

/** @throws StartError */
export function listOwnKeys(config: Config): Promise<KeyListing[]> {
  return withStore(config, listKeyring);
}

/** @returns the keys that were made. @throws StartError */
export function rotateOwnKeys(config: Config, { kinds, algorithm }: RotationWish): Promise<KeyListing[]> {
  const policy = keyringPolicy(config, algorithm);
  return withStore(config, (store) => rotateKeyring({ store, master: masterKeySource(config), policy, kinds }));
}

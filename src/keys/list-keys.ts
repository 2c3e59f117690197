import { activeOf, type KeyState, stateOf } from "./activation.ts";
import { checkKeyDirectory, keyFileNames } from "./key-directory.ts";
import { loadMasterKey, loadRotatingKeys } from "./load-keys.ts";
import { macKeyIdText } from "./mac-key-id.ts";

/** What may be said of a key: no material. */
export type KeyListing = {
  kind: "signing" | "mac" | "master";
  /** The `kid` of a signing key, the 32-bit id in hex of a MAC key. */
  id: string;
  alg: string;
  /** `next`: published, signs soon. `published`: signs no more, still verifies. */
  state: KeyState;
  created: Date;
};

/** Signing keys first, newest first in each kind. @throws StartError */
export async function listKeys(dir: string): Promise<KeyListing[]> {
  await checkKeyDirectory(dir);
  const { mac, signing } = await loadRotatingKeys(dir, await keyFileNames(dir));
  const master = await loadMasterKey(dir);
  const now = Date.now();
  return [
    ...describe(signing, now, (key) => ({ kind: "signing", id: key.kid, alg: key.alg })),
    ...describe(mac, now, (key) => ({ kind: "mac", id: macKeyIdText(key.id), alg: "HS256" })),
    ...describe([master], now, () => ({ kind: "master", id: "master", alg: "HKDF-SHA-256" })),
  ];
}

function describe<Key extends { created: number }>(
  keys: readonly Key[],
  now: number,
  name: (key: Key) => Pick<KeyListing, "kind" | "id" | "alg">,
): KeyListing[] {
  const active = activeOf(keys, now);
  return keys
    .toSorted((a, b) => b.created - a.created)
    .map((key) => ({ ...name(key), state: stateOf(key, active), created: new Date(key.created) }));
}

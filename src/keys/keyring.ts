import type { Keyring, MacKeys } from "../core/ports.ts";
import { activeOf } from "./activation.ts";
import type { RotatingKeys } from "./load-keys.ts";

export type ServingKeys = { keyring: Keyring; macKeys: MacKeys };

/** The ports over a set of keys: each answer follows from `current()` and `now()` at that moment. */
export function servingKeys(current: () => RotatingKeys, now: () => number): ServingKeys {
  return {
    keyring: {
      active: () => present(activeOf(current().signing, now())),
      verificationKey: (kid) => current().signing.find((key) => key.kid === kid),
      jwks: () => ({ keys: current().signing.map((key) => ({ ...key.publicJwk })) }),
    },
    macKeys: {
      active: () => present(activeOf(current().mac, now())),
      byId: (id) => current().mac.find((key) => key.id === id)?.key,
    },
  };
}

function present<Key>(key: Key | undefined): Key {
  if (key === undefined) throw new Error("no key was loaded");
  return key;
}

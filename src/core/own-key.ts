/** The keys that make new tokens. One that was revoked a moment ago at another instance makes none: its successor does. */
import { after, type AtOnce } from "./at-once.ts";
import type { Authority } from "./environment.ts";
import type { MacKey, SigningKey } from "./ports.ts";
import { macKeyName } from "./recognise-refresh-token.ts";
import { isNamed } from "./revoked.ts";

type Signing = Pick<Authority, "issuer" | "keyring" | "keys" | "revocations">;

/** @throws AssayError `keys_unavailable`, `store_unavailable` */
export function signingKey(environment: Signing): AtOnce<SigningKey> {
  const key = environment.keyring.active();
  return unlessRevoked(environment, key.kid, key, () => environment.keyring.active());
}

/** @throws AssayError `keys_unavailable`, `store_unavailable` */
export function macKey(environment: Authority): AtOnce<MacKey> {
  const key = environment.macKeys.active();
  return unlessRevoked(environment, macKeyName(key.id), key, () => environment.macKeys.active());
}

function unlessRevoked<Key>(environment: Signing, kid: string, key: Key, successor: () => Key): AtOnce<Key> {
  const revoked = isNamed(environment, { kind: "key", iss: environment.issuer, kid });
  return after(revoked, (isRevoked) => (isRevoked ? environment.keyring.takeOver().then(successor) : key));
}

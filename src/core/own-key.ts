/** The keys that make new tokens. One that was revoked a moment ago at another instance makes none: its successor does. */
import type { Authority } from "./environment.ts";
import type { MacKey, SigningKey } from "./ports.ts";
import { macKeyName } from "./recognise-refresh-token.ts";
import { isNamed } from "./revoked.ts";

/** @throws AssayError `keys_unavailable`, `store_unavailable` */
export async function signingKey(environment: Authority): Promise<SigningKey> {
  const key = environment.keyring.active();
  if (!(await isNamed(environment, { kind: "key", iss: environment.issuer, kid: key.kid }))) return key;
  await environment.keyring.takeOver();
  return environment.keyring.active();
}

/** @throws AssayError `keys_unavailable`, `store_unavailable` */
export async function macKey(environment: Authority): Promise<MacKey> {
  const key = environment.macKeys.active();
  const kid = macKeyName(key.id);
  if (!(await isNamed(environment, { kind: "key", iss: environment.issuer, kid }))) return key;
  await environment.keyring.takeOver();
  return environment.macKeys.active();
}

/** The keys that make new tokens. One that was revoked a moment ago at another instance makes none: its successor does. */
import type { Environment } from "./environment.ts";
import type { MacKey, SigningKey } from "./ports.ts";
import { macKeyName } from "./recognise-refresh-token.ts";
import { selectorDigest } from "./selector.ts";

/** @throws AssayError `keys_unavailable`, `store_unavailable` */
export async function signingKey(environment: Environment): Promise<SigningKey> {
  const key = environment.keyring.active();
  if (!(await isKeyRevoked(environment, key.kid))) return key;
  await environment.keyring.takeOver();
  return environment.keyring.active();
}

/** @throws AssayError `keys_unavailable`, `store_unavailable` */
export async function macKey(environment: Environment): Promise<MacKey> {
  const key = environment.macKeys.active();
  if (!(await isKeyRevoked(environment, macKeyName(key.id)))) return key;
  await environment.keyring.takeOver();
  return environment.macKeys.active();
}

async function isKeyRevoked(environment: Environment, kid: string): Promise<boolean> {
  const selector = { kind: "key", iss: environment.issuer, kid } as const;
  const [found] = await environment.store.revocations.find([selectorDigest(environment.keys.selector, selector)]);
  return found !== undefined;
}

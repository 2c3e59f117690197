import { join } from "node:path";
import type { SigningAlgorithm } from "../core/ports.ts";
import { ACTIVATION_DELAY } from "./activation.ts";
import { checkKeyDirectory, keyFileNames } from "./key-directory.ts";
import { createSecretFile } from "./secret-file.ts";
import { makeSigningKey, signingKeyFileName } from "./signing-key-file.ts";

/**
 * Adds a signing key, which every instance publishes at once and signs with from `activeFrom` on. Older keys go on verifying.
 * @throws StartError
 */
export async function rotateSigningKey(
  dir: string,
  algorithm: SigningAlgorithm,
): Promise<{ kid: string; activeFrom: Date }> {
  await checkKeyDirectory(dir);
  const first = (await keyFileNames(dir)).signing.length === 0;
  const created = new Date();
  const { kid, text } = await makeSigningKey(algorithm, created);
  await createSecretFile(join(dir, signingKeyFileName(kid)), text);
  return { kid, activeFrom: first ? created : new Date(created.getTime() + ACTIVATION_DELAY) };
}

import { join } from "node:path";
import { StartError } from "../core/start-error.ts";
import type { KeyFileNames } from "./key-directory.ts";
import { macKeyFileName, macKeyId } from "./mac-key-id.ts";
import { type RawKey, readRawKey } from "./raw-key-file.ts";
import { readSigningKey, signingKeyFileName, type StoredSigningKey } from "./signing-key-file.ts";

export type StoredMacKey = RawKey & { id: number };

export type RotatingKeys = { mac: readonly StoredMacKey[]; signing: readonly StoredSigningKey[] };

/** @throws StartError */
export async function loadMasterKey(dir: string): Promise<RawKey> {
  return readRawKey(join(dir, "master.key"));
}

/** @throws StartError naming the first file that is unfit, or the kind of key that is missing */
export async function loadRotatingKeys(dir: string, names: KeyFileNames): Promise<RotatingKeys> {
  for (const kind of ["mac", "signing"] as const) {
    if (names[kind].length > 0) continue;
    throw new StartError(`The key directory ${dir} holds no ${kind} key. Restore it from a backup.`);
  }
  return {
    mac: await Promise.all(names.mac.map(async (name) => loadMacKey(dir, name))),
    signing: await Promise.all(names.signing.map(async (name) => loadSigningKey(dir, name))),
  };
}

async function loadMacKey(dir: string, name: string): Promise<StoredMacKey> {
  const raw = await readRawKey(join(dir, name));
  const id = macKeyId(raw.key);
  if (macKeyFileName(id) === name) return { ...raw, id };
  throw renamed(dir, name);
}

async function loadSigningKey(dir: string, name: string): Promise<StoredSigningKey> {
  const key = await readSigningKey(join(dir, name));
  if (signingKeyFileName(key.kid) === name) return key;
  throw renamed(dir, name);
}

function renamed(dir: string, name: string): StartError {
  return new StartError(
    `The key file ${join(dir, name)} holds another key than its name says. Restore it from a backup, or remove it.`,
  );
}

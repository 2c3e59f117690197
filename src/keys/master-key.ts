/** The master key: the one key that lies outside the store, and seals those within. 32 bytes, as base64url text. */
import { createHmac, randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Secret } from "../core/secret.ts";
import { StartError } from "../core/start-error.ts";
import { checkKeyDirectory, makeKeyDirectory } from "./key-directory.ts";
import { createSecretFile, readSecretFile } from "./secret-file.ts";

export type MasterKey = {
  /** By which sealed records name it; says nothing about the key. */
  id: string;
  key: Buffer;
};

export type MasterKeySource = {
  /** Where `master.key` lies, and is made where nothing else is named. */
  dir: string;
  /** The key itself. */
  value?: Secret | undefined;
  file?: string | undefined;
  /** What still may be sealed under this one is sealed anew. */
  previousFile?: string | undefined;
};

const LENGTH = 32;
const FORM = /^[A-Za-z0-9_-]{43}\n?$/;

/** What is there; `current` is undefined where `keys.dir` has no master key yet. @throws StartError */
export async function readMasterKeys(
  source: MasterKeySource,
): Promise<{ current: MasterKey | undefined; previous: MasterKey | undefined }> {
  const { previousFile } = source;
  return {
    current: await readCurrent(source),
    previous: previousFile === undefined ? undefined : await readMasterKeyFile(previousFile),
  };
}

/** Makes the master key in `dir`; of many processes that do so at once, all get the same. @throws StartError */
export async function makeMasterKey(dir: string): Promise<MasterKey> {
  await makeKeyDirectory(dir);
  await checkKeyDirectory(dir);
  await createSecretFile(pathIn(dir), `${randomBytes(LENGTH).toString("base64url")}\n`);
  return readMasterKeyFile(pathIn(dir));
}

async function readCurrent({ dir, value, file }: MasterKeySource): Promise<MasterKey | undefined> {
  if (value !== undefined) {
    if (FORM.test(value.reveal())) return named(value.reveal());
    throw new StartError(
      `ASSAY_KEYS_MASTER_KEY (keys.master_key) does not hold ${LENGTH} bytes as base64url text. Make such a text, once, with: openssl rand 32 | basenc --base64url | tr -d =`,
    );
  }
  if (file !== undefined) return readMasterKeyFile(file);
  if (!(await exists(pathIn(dir)))) return undefined;
  await checkKeyDirectory(dir);
  return readMasterKeyFile(pathIn(dir));
}

async function readMasterKeyFile(path: string): Promise<MasterKey> {
  const text = await readSecretFile(path);
  if (FORM.test(text)) return named(text);
  throw new StartError(
    `The key file ${path} does not hold ${LENGTH} bytes as base64url text on one line. Restore it from a backup.`,
  );
}

function named(text: string): MasterKey {
  const key = Buffer.from(text, "base64url");
  const digest = createHmac("sha256", key).update("assay/v1/master-key-id").digest("hex");
  return { id: `master-${digest.slice(0, 16)}`, key };
}

function pathIn(dir: string): string {
  return join(dir, "master.key");
}

/** What cannot be looked at is there: reading it says why. */
async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => !(error instanceof Error && "code" in error && error.code === "ENOENT"),
  );
}

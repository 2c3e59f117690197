/** Files that hold a secret: mode 0600, written whole or not at all, never replaced. */
import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, open, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StartError } from "../core/start-error.ts";

const MAX_BYTES = 16_384;
const OTHERS = 0o077;

/**
 * @param what it is called in an error
 * @throws StartError when the file cannot be read, is no regular file, is too large, or others than its owner may read it.
 */
export async function readSecretFile(path: string, what = "key file"): Promise<string> {
  // A FIFO would block the start for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw unreadable(path, what, cause);
  });
  try {
    const stats = await file.stat();
    checkFile(path, what, stats);
    return await file.readFile("utf8");
  } catch (cause) {
    throw cause instanceof StartError ? cause : unreadable(path, what, cause);
  } finally {
    await file.close();
  }
}

/**
 * Creates the file, durably, unless it exists: of many processes that try, one succeeds.
 * @returns whether this call created it
 * @throws StartError when the directory cannot be written
 */
export async function createSecretFile(path: string, text: string): Promise<boolean> {
  const directory = dirname(path);
  const temporary = join(directory, `.new-${randomBytes(8).toString("hex")}`);
  try {
    await writeTemporary(temporary, text, await stat(directory));
    return await linkUnlessExists(temporary, path);
  } catch (cause) {
    throw new StartError(
      `The key file ${path} cannot be written (${codeOf(cause)}). Give the service's user write permission on ${directory} and free space there, or put existing keys into it.`,
      { cause },
    );
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function writeTemporary(path: string, text: string, directory: Stats): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await giveToOwnerOf(directory, file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the service can read a key that root made. */
async function giveToOwnerOf(directory: Stats, file: FileHandle): Promise<void> {
  if (process.geteuid?.() === 0 && directory.uid !== 0) await file.chown(directory.uid, directory.gid);
}

async function linkUnlessExists(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw cause;
  }
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return true;
}

function checkFile(path: string, what: string, stats: Stats): void {
  if (!stats.isFile())
    throw new StartError(`The ${what} ${path} is not a regular file. Remove it, or restore it from a backup.`);
  if ((stats.mode & OTHERS) !== 0) {
    throw new StartError(
      `The ${what} ${path} is open to others than its owner (mode ${(stats.mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
    );
  }
  if (stats.size > MAX_BYTES) {
    throw new StartError(
      `The ${what} ${path} holds ${stats.size} bytes, too many for a secret. Restore it from a backup, or remove it.`,
    );
  }
}

function unreadable(path: string, what: string, cause: unknown): StartError {
  return new StartError(
    `The ${what} ${path} cannot be read (${codeOf(cause)}). Make it readable for the service's user alone, or restore it from a backup.`,
    { cause },
  );
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "unknown cause";
}

import { mkdir, readdir, stat } from "node:fs/promises";
import { StartError } from "../core/start-error.ts";

/** The key files of a directory. Names are sorted; a file never changes, so equal names mean equal keys. */
export type KeyFileNames = { master: string[]; mac: string[]; signing: string[] };

const MASTER = /^master\.key$/;
const MAC = /^mac-[0-9a-f]{8}\.key$/;
const SIGNING = /^signing-[A-Za-z0-9_-]{43}\.jwk$/;
const WRITABLE_BY_OTHERS = 0o022;

/** Makes the directory, mode 0700, unless it exists. @throws StartError */
export async function makeKeyDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StartError(
      `The key directory ${dir} cannot be made. Make it yourself, writable for the service's user alone, or set keys.dir to another place.`,
      { cause },
    );
  }
}

/** @throws StartError when it is no directory, or others may put keys into it */
export async function checkKeyDirectory(dir: string): Promise<void> {
  const stats = await stat(dir).catch((cause: unknown) => {
    throw unreadable(dir, cause);
  });
  if (!stats.isDirectory())
    throw new StartError(`The key directory ${dir} is not a directory. Set keys.dir to another place.`);
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new StartError(
      `The key directory ${dir} is writable by others than its owner, who could put keys of their own there. Run: chmod 700 ${dir}`,
    );
  }
}

/** @throws StartError */
export async function keyFileNames(dir: string): Promise<KeyFileNames> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw unreadable(dir, cause);
  });
  names.sort();
  return {
    master: names.filter((name) => MASTER.test(name)),
    mac: names.filter((name) => MAC.test(name)),
    signing: names.filter((name) => SIGNING.test(name)),
  };
}

function unreadable(dir: string, cause: unknown): StartError {
  return new StartError(
    `The key directory ${dir} cannot be read. Make it readable for the service's user alone, or set keys.dir to another place.`,
    { cause },
  );
}

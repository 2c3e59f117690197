import { mkdir, readdir, stat } from "node:fs/promises";
import { StartError } from "../core/start-error.ts";

const FORMER = /^(?:mac-[0-9a-f]{8}\.key|signing-[A-Za-z0-9_-]{43}\.jwk)$/;
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

/** What earlier versions kept there: signing and MAC keys, a file each. @throws StartError */
export async function formerKeyFiles(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw unreadable(dir, cause);
  });
  return names.filter((name) => FORMER.test(name)).toSorted();
}

function unreadable(dir: string, cause: unknown): StartError {
  return new StartError(
    `The key directory ${dir} cannot be read. Make it readable for the service's user alone, or set keys.dir to another place.`,
    { cause },
  );
}

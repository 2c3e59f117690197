import { chmodSync, closeSync, constants, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { refuseNetworkFileSystem } from "./network-file-system.ts";
import { startError } from "./sqlite-error.ts";

const OWNER_ONLY = 0o600;

/**
 * Makes the store's folder (mode 0700) and file (mode 0600) where they are missing, and shuts others out of a file that is there.
 * A file that is there is not opened, since closing it again would give up the locks that this process has on it. SQLite gives
 * its `-wal` and `-shm` files the mode of the file itself.
 * @throws StartError
 */
export function prepareDatabaseFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const present = statSync(path, { throwIfNoEntry: false });
    refuseNetworkFileSystem(present === undefined ? dirname(path) : path, path);
    if (present === undefined) {
      closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, OWNER_ONLY));
    } else if ((present.mode & 0o777) !== OWNER_ONLY) {
      chmodSync(path, OWNER_ONLY);
    }
  } catch (error) {
    throw startError(error, path);
  }
}

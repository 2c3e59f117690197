import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { startError } from "./sqlite-error.ts";

const OWNER_ONLY = 0o600;

/**
 * Makes the store's folder (mode 0700) and file (mode 0600) where they are missing, and shuts others out of a file that is there.
 * SQLite gives its `-wal` and `-shm` files the mode of the file itself.
 * @throws StartError
 */
export function prepareDatabaseFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, constants.O_RDWR | constants.O_CREAT, OWNER_ONLY);
    try {
      if ((fstatSync(file).mode & 0o777) !== OWNER_ONLY) {
        fchmodSync(file, OWNER_ONLY);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw startError(error, path);
  }
}

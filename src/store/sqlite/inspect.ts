import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StartError } from "../../core/start-error.ts";
import { readContents, type SqliteContents } from "./contents.ts";
import { refuseNetworkFileSystem } from "./network-file-system.ts";
import { refuseForeignDatabase } from "./schema.ts";
import { startError } from "./sqlite-error.ts";

/** A store file and what lies around it, as they are. */
export type SqliteInspection = {
  path: string;
  /** Permission bits; undefined where there is none. */
  mode: { file: number | undefined; folder: number | undefined };
  isWritable: boolean;
  /** A sentence where acknowledged writes may be lost. */
  networkFileSystem: string | undefined;
  freeBytes: number | undefined;
  /** `wal` once Assay has opened it. */
  journal: string | undefined;
  /** Other processes that have it open, as far as this machine tells. */
  users: readonly number[];
  contents: SqliteContents;
};

/** Someone who writes is waited for so long. */
const BUSY_MS = 1_000;
const PERMISSIONS = 0o777;

/**
 * Looks at a store file, also while instances run. Changes nothing.
 * @throws StartError when it is broken, another program's, or locked by another process
 */
export function inspectSqlite(path: string): SqliteInspection {
  const folder = nearestFolder(dirname(resolve(path)));
  const file = statSync(path, { throwIfNoEntry: false });
  const isThere = file !== undefined && file.size > 0;
  const database = isThere ? read(path) : { journal: undefined, contents: { store: "absent" } as const };
  const { bavail, bsize } = statfsSync(folder);
  return {
    path,
    mode: { file: modeOf(path), folder: modeOf(dirname(resolve(path))) },
    isWritable: [folder, ...(file === undefined ? [] : [path])].every(mayWrite),
    networkFileSystem: refused(file === undefined ? folder : path, path),
    freeBytes: bavail * bsize,
    ...database,
    users: file === undefined ? [] : usersOf(file.ino),
  };
}

function read(path: string): Pick<SqliteInspection, "contents" | "journal"> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(urlOf(path), { readOnly: true, timeout: BUSY_MS });
    refuseForeignDatabase(database, path);
    const journal = Object.values(database.prepare("PRAGMA journal_mode").get() ?? {}).join();
    return { journal, contents: readContents(database) };
  } catch (error) {
    throw startError(error, path);
  } finally {
    database?.close();
  }
}

/** Without a log beside it nobody has the file open: even a reader would make one, unless told that the file does not change. */
function urlOf(path: string): URL {
  const url = pathToFileURL(path);
  if (!existsSync(`${path}-wal`)) url.searchParams.set("immutable", "1");
  return url;
}

function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(dirname(folder));
}

function modeOf(path: string): number | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  return mode === undefined ? undefined : mode & PERMISSIONS;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function refused(present: string, path: string): string | undefined {
  try {
    refuseNetworkFileSystem(present, path);
    return undefined;
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
}

/** Whoever has an SQLite file in WAL mode open holds a lock on it. See proc_locks(5). */
function usersOf(inode: number): number[] {
  if (!existsSync("/proc/locks")) return [];
  const pids = readFileSync("/proc/locks", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , , , place = ""]) => place.endsWith(`:${inode}`))
    .map(([, , , , pid]) => Number(pid))
    .filter((pid) => pid > 0 && pid !== process.pid);
  return [...new Set(pids)];
}

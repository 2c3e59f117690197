import { AssayError } from "../../core/error.ts";
import { StartError } from "../../core/start-error.ts";

/** Primary result codes of SQLite: https://sqlite.org/rescode.html */
const PERM = 3;
export const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PROTOCOL = 15;
const NOTADB = 26;

const UNAVAILABLE = new Set([PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, CANTOPEN, PROTOCOL, NOTADB]);

/** What the core is told. Errors that are not SQLite's, or that only a fault of ours explains, come back unchanged. */
export function operationError(error: unknown): unknown {
  const code = primaryCode(error);
  if (code === FULL) {
    return new AssayError("store_full", "the store is full and nothing was written; free disk space, then retry", {
      cause: error,
    });
  }
  if (code !== undefined && UNAVAILABLE.has(code)) {
    return storeUnavailable(error);
  }
  return error;
}

export function storeUnavailable(cause: unknown): AssayError {
  return new AssayError("store_unavailable", "the store cannot be used at the moment; retry", { cause });
}

/** What the operator is told at a start. */
export function startError(error: unknown, path: string): StartError {
  return error instanceof StartError ? error : new StartError(sentence(error, path), { cause: error });
}

/** Whether another process, or connection, was in the way. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

/** Whether there was no room for what was to be written. */
export function isFull(error: unknown): boolean {
  return primaryCode(error) === FULL;
}

function sentence(error: unknown, path: string): string {
  const code = primaryCode(error);
  const cause = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === NOTADB || code === CORRUPT) {
    return `The store file ${path} is not an SQLite database, or a broken one. Restore it from a backup, or name another file in store.url.`;
  }
  if (code === FULL || cause === "ENOSPC" || cause === "EDQUOT") {
    return `No space is left for the store file ${path}. Free disk space, or name a file on another disk in store.url.`;
  }
  if (isBusy(error)) {
    return `Another process holds the store file ${path} locked. Stop it, or wait until it is done, and start again.`;
  }
  const because = error instanceof Error ? error.message : String(error);
  return (
    `The store file ${path} cannot be opened for writing (${because}). ` +
    "Let this user write to its folder and to the file, or name another file in store.url."
  );
}

function primaryCode(error: unknown): number | undefined {
  if (error instanceof Error && "errcode" in error && typeof error.errcode === "number") {
    return error.errcode & 0xff;
  }
  return undefined;
}

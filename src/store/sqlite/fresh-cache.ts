import { statSync } from "node:fs";
import type { Connection } from "./connection.ts";

/** Two writes within one tick of the file system's clock look like one. */
const TICK_MS = 50;

/**
 * Makes a connection read the file anew where it has been written since the last call: by a checkpoint, or by a hand that put
 * an old copy into it, of which SQLite knows nothing and goes on believing the pages that it remembers.
 */
export function freshCache({ database }: Connection, path: string): () => void {
  let writtenAt: number | undefined;
  return () => {
    const present = lastWritten(path);
    if (present === undefined || present !== writtenAt || Math.abs(Date.now() - present) < TICK_MS) {
      writtenAt = present;
      database.exec("PRAGMA shrink_memory");
    }
  };
}

/** Undefined where that cannot be seen: then nothing that is remembered is believed. Whether the path is still the file's, others ask. */
function lastWritten(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { every, type Repeated } from "./every.ts";

const INTERVAL_MS = 1_000;

/**
 * Calls back when the content of any file has changed since the last look, once a second. By content rather than by events or dates:
 * Kubernetes exchanges symbolic links, editors exchange files, and network file systems tell nothing. A file that is missing is
 * one of another content.
 */
export function watchFiles(paths: () => readonly string[], changed: () => Promise<void>): Repeated {
  let known: string | undefined;
  return every(INTERVAL_MS, async (stopped) => {
    const digest = await digestOf(paths());
    const isChanged = known !== undefined && digest !== known;
    known = digest;
    if (isChanged && !stopped.aborted) await changed();
  });
}

async function digestOf(paths: readonly string[]): Promise<string> {
  const contents = await Promise.all(paths.map((path) => readFile(path).catch(() => undefined)));
  const hash = createHash("sha256");
  for (const content of contents) {
    hash.update(content === undefined ? "absent" : `${content.length}:`);
    hash.update(content ?? "");
  }
  return hash.digest("base64");
}

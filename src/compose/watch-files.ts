import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { every, type Repeated } from "./every.ts";

const INTERVAL_MS = 1_000;

/** What the files hold, in brief. A file that is missing is one of another content. */
export async function contentOf(paths: readonly string[]): Promise<string> {
  const contents = await Promise.all(paths.map((path) => readFile(path).catch(() => undefined)));
  const hash = createHash("sha256");
  for (const content of contents) {
    hash.update(content === undefined ? "absent" : `${content.length}:`);
    hash.update(content ?? "");
  }
  return hash.digest("base64");
}

/**
 * Calls back when the content of any file has changed since the last look, once a second. By content rather than by events or dates:
 * Kubernetes exchanges symbolic links, editors exchange files, and network file systems tell nothing.
 * @param before the content by the look before the first
 */
export function watchFiles(before: string, paths: () => readonly string[], changed: () => Promise<void>): Repeated {
  let known = before;
  return every(INTERVAL_MS, async (stopped) => {
    const content = await contentOf(paths());
    const isChanged = content !== known;
    known = content;
    if (isChanged && !stopped.aborted) await changed();
  });
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Takes what is to be undone at the end, the last first. */
export type AtEnd = (undo: () => Promise<void>) => void;

/** A new directory, removed when the test has finished. */
export async function temporaryDirectory(atEnd: AtEnd = onTestFinished): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "assay-test-"));
  atEnd(async () => rm(dir, { recursive: true, force: true }));
  return dir;
}

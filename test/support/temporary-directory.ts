import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { recordFilesIn } from "./leaks/record-files.ts";

/** Takes what is to be undone at the end, the last first. */
export type AtEnd = (undo: () => Promise<void>) => void;

/** A new directory, removed when the test has finished. */
export async function temporaryDirectory(atEnd: AtEnd = onTestFinished): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "assay-test-"));
  atEnd(async () => {
    recordFilesIn(dir);
    await rm(dir, { recursive: true, force: true });
  });
  return dir;
}

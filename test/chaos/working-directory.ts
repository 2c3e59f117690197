import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordFilesIn } from "../support/leaks/record-files.ts";

/** A new directory, removed with the stack. */
export async function workingDirectory(opened: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "assay-chaos-"));
  opened.defer(async () => {
    recordFilesIn(directory);
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}

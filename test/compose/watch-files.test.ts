import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { contentOf, watchFiles } from "../../src/compose/watch-files.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** How often it was called back by its first look at a file that held one thing before, and holds another now. */
async function noticed(before: string, now: string): Promise<number> {
  const file = join(await temporaryDirectory(), "file");
  await writeFile(file, before);
  const content = await contentOf([file]);
  await writeFile(file, now);
  let changes = 0;
  const watching = watchFiles(
    content,
    () => [file],
    async () => void changes++,
  );
  onTestFinished(() => watching.stop());
  await watching.first;
  return changes;
}

test("what changed before the first look is noticed by it", async () => {
  expect(await noticed("one", "another")).toBe(1);
});

test("what is as it was is no change", async () => {
  expect(await noticed("one", "one")).toBe(0);
});

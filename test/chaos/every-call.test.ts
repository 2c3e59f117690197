import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { everyCall } from "./every-call.ts";
import { underLoad } from "./scenario.ts";
import { sentences, TIMES } from "./short-form.ts";
import { twoInstances } from "./two-instances.ts";
import { workingDirectory } from "./working-directory.ts";

test("tokens that a fault did not keep from being given are asked about at the end", TIMES, async () => {
  const opened = new AsyncDisposableStack();
  onTestFinished(() => opened.disposeAsync());
  const instances = await twoInstances(`sqlite:${join(await workingDirectory(opened), "assay.db")}`, opened);
  const { violations, figures } = await underLoad({ instances, seed: 1, clients: 0 }, async (history) => {
    const ask = await everyCall(instances, history);
    // No fault at all: everything is given.
    await ask();
    return {};
  });
  expect(figures["refresh_ok"]).toBe(instances.length);
  expect(sentences(violations)).toEqual([]);
});

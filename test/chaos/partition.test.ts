import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { partitionLocal, partitionReplicated, partitionReplicatedWith } from "./scenarios/partition.ts";
import { lived, sentences, TIMES } from "./short-form.ts";

test(
  "a primary is cut off: nothing that replicas had is lost, and the instance on its side says nothing that is wrong",
  TIMES,
  async () => {
    const { violations, figures } = await lived(partitionReplicated, 1);
    expect(sentences(violations)).toEqual([]);
    expect(figures["failovers"]).toBe(1);
  },
);

test("where the instance on its side does not check what WAIT answers, it is caught", TIMES, async () => {
  const mutant = fileURLToPath(new URL("mutants/serve-unchecked-wait.ts", import.meta.url));
  const { violations } = await lived(partitionReplicatedWith(mutant), 1);
  expect(violations.map(({ rule }) => rule)).toContain("revoked and active");
});

test("without replicas what the elected primary lacks is put back", TIMES, async () => {
  const { violations } = await lived(partitionLocal, 1);
  expect(sentences(violations)).toEqual([]);
});

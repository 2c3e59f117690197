import { expect, test } from "vitest";
import { checkHistory } from "./check-history.ts";
import { partitionLocal, partitionReplicated } from "./scenarios/partition.ts";
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

test(
  "without replicas what the elected primary lacks is put back; by the rules of replicated, an unchecked WAIT is caught",
  TIMES,
  async () => {
    const { violations, history, rules } = await lived(partitionLocal, 1);
    expect(sentences(violations)).toEqual([]);
    const strict = checkHistory(history.records, { ...rules, mayLag: false, mayLoseTokens: false });
    expect(strict.map(({ rule }) => rule)).toContain("revoked and active");
  },
);

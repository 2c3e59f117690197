import { expect, test } from "vitest";
import { cluster } from "./scenarios/cluster.ts";
import { lived, sentences, TIMES } from "./short-form.ts";

test("slots of a Cluster move and a primary dies: nothing acknowledged is lost", TIMES, async () => {
  const { violations, figures } = await lived(cluster, 2);
  expect(sentences(violations)).toEqual([]);
  expect(figures["revoke_ok"]).toBeGreaterThan(0);
});

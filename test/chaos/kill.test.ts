import { expect, test } from "vitest";
import { killRedis, killSqlite, killVerifier } from "./scenarios/kill.ts";
import { lived, sentences, TIMES } from "./short-form.ts";

test.for([killRedis, killSqlite, killVerifier])("$what: nothing acknowledged is lost", TIMES, async (scenario) => {
  const { violations, figures } = await lived(scenario, 2);
  expect(sentences(violations)).toEqual([]);
  expect(figures["revoke_ok"]).toBeGreaterThan(0);
});

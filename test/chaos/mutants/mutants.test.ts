/** A suite that passes proves something only if it fails where a promise is broken: here each is, by one thing at a time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedisServer } from "../../support/redis-server.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { checkHistory, type Rule } from "../check-history.ts";
import { openHistory } from "../history.ts";
import { instanceConfig, MAX_STALENESS_MS, newMasterKey } from "../instance-config.ts";
import { recordedCalls } from "../recorded-calls.ts";
import { askAll, recovered } from "../settle.ts";
import { cutOffBetween, grandparentReplayed, revokedElsewhere, type Witness } from "../witness.ts";
import { composeInstance, type Mutant } from "./composed-instance.ts";
import {
  cutOffByIssue,
  emptyReadAsProof,
  failOpen,
  graceForGrandparents,
  rawTokenHash,
  viewThatStops,
} from "./mutants.ts";

let redis: RedisServer;
let proxy: TcpProxy;
beforeAll(async () => {
  redis = await startRedisServer();
  proxy = await startTcpProxy(redis.port);
});
afterAll(async () => {
  await proxy.close();
  await redis.remove();
});

/** Two instances on one Redis, one of them behind a proxy that is cut for a while: the rules that their clients saw broken. */
async function brokenBy(mutant: Mutant): Promise<Rule[]> {
  await using opened = new AsyncDisposableStack();
  await redis.admin.flushall();
  const keys = { master_key: newMasterKey() };
  const one = await composeInstance("one", { ...instanceConfig(redis.url), keys }, mutant, opened);
  const url = `redis://127.0.0.1:${proxy.port}`;
  const two = await composeInstance("two", { ...instanceConfig(url), keys }, mutant, opened);
  const history = openHistory();
  const witness: Witness = { calls: recordedCalls(history, "witness"), one, two };
  await Promise.all([grandparentReplayed(witness), cutOffBetween(witness), revokedElsewhere(witness)]);
  await revokedElsewhere(witness, () => proxy.hold());
  proxy.resume();
  const instances = [one, two];
  await recovered(instances, "none", history);
  const settledFrom = await askAll(instances, [...history.given], history);
  const names = instances.map(({ name }) => name);
  const violations = checkHistory(history.records, { boundMs: MAX_STALENESS_MS, instances: names, settledFrom });
  return [...new Set(violations.map(({ rule }) => rule))];
}

test("the product breaks no rule", async () => {
  expect(await brokenBy({})).toEqual([]);
});

test.for<readonly [string, Mutant, Rule]>([
  ["a revocation that names the bytes of a token instead of the token", rawTokenHash, "revoked and active"],
  ["an instance that fails open", failOpen, "revoked and active"],
  ["a grace for grandparents", graceForGrandparents, "replayed and refreshed"],
  ["a view that stops following", viewThatStops, "revoked and active"],
  ["an empty read that is taken as proof", emptyReadAsProof, "revoked and active"],
  ["a cut-off held against the issue instead of the birth", cutOffByIssue, "revoked and active"],
])("%s is caught", async ([, mutant, rule]) => {
  expect(await brokenBy(mutant)).toContain(rule);
});

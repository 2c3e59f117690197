import { expect, test } from "vitest";
import { gatherMetrics } from "../../src/workers/gather-metrics.ts";
import type { ToWorker } from "../../src/workers/messages.ts";
import type { Peer } from "../../src/workers/reach-everyone.ts";

type Asked = Peer & { ids: number[] };

function worker(): Asked {
  const ids: number[] = [];
  return { ids, send: (message: ToWorker) => void (message.kind === "metrics" && ids.push(message.id)) };
}

const answer = (id: number) => ({ kind: "metrics" as const, id, metrics: [] });

test("it resolves when all have told", async () => {
  const gathering = gatherMetrics<Asked>(60_000);
  const [one, other] = [worker(), worker()];
  const gathered = gathering.ask([one, other]);
  gathering.told(one, answer(0));
  gathering.told(other, answer(0));
  expect(await gathered).toEqual({ told: new Map([one, other].map((each) => [each, []])), silent: new Set() });
});

test("who has not told when time is up is silent, and what comes later changes nothing", async () => {
  const gathering = gatherMetrics<Asked>(20);
  const [one, other] = [worker(), worker()];
  const gathered = gathering.ask([one, other]);
  gathering.told(one, answer(0));
  const { told, silent } = await gathered;
  gathering.told(other, answer(0));
  expect([[...told.keys()], [...silent]]).toEqual([[one], [other]]);
});

test("who ends is neither waited for nor silent", async () => {
  const gathering = gatherMetrics<Asked>(60_000);
  const [one, other] = [worker(), worker()];
  const gathered = gathering.ask([one, other]);
  gathering.told(one, answer(0));
  gathering.gone(other);
  const { told, silent } = await gathered;
  expect([told.size, silent.size]).toEqual([1, 0]);
});

test("an answer to another question, a second answer and one of a stranger count for nothing", async () => {
  const gathering = gatherMetrics<Asked>(60_000);
  const [one, stranger] = [worker(), worker()];
  const first = gathering.ask([one]);
  const second = gathering.ask([one]);
  gathering.told(stranger, answer(1));
  gathering.told(one, answer(7));
  for (const id of one.ids) gathering.told(one, answer(id));
  gathering.told(one, answer(0));
  expect([(await first).told.size, (await second).told.size]).toEqual([1, 1]);
});

test("where nobody serves, nobody is asked", async () => {
  expect(await gatherMetrics<Asked>(60_000).ask([])).toEqual({ told: new Map(), silent: new Set() });
});

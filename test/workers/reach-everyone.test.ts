import { expect, test } from "vitest";
import type { ToWorker } from "../../src/workers/messages.ts";
import { type Peer, reachEveryone } from "../../src/workers/reach-everyone.ts";

type Told = Peer & { told: ToWorker[] };

function worker(): Told {
  const told: ToWorker[] = [];
  return { told, send: (message) => void told.push(message) };
}

/** The number of the question that a worker was asked last. */
function asked({ told }: Told): number {
  const question = told.findLast(({ kind }) => kind === "reach");
  if (question?.kind !== "reach") throw new Error("it was not asked");
  return question.id;
}

function threeWorkers(reachMs = 60_000) {
  const reaching = reachEveryone<Told>(reachMs);
  const [writer, first, second] = [worker(), worker(), worker()];
  for (const member of [writer, first, second]) reaching.join(member);
  return { reaching, writer, first, second };
}

const WRITTEN = { kind: "reach", id: 7, revision: "store/1" } as const;
const REACHED = [{ kind: "reached", id: 7 }];

test("who has written is told once all others have reached it", () => {
  const { reaching, writer, first, second } = threeWorkers();
  reaching.ask(writer, WRITTEN);
  expect(first.told).toMatchObject([{ kind: "reach", revision: "store/1" }]);
  reaching.reached(first, { kind: "reached", id: asked(first) });
  expect(writer.told).toEqual([]);
  reaching.reached(second, { kind: "reached", id: asked(second) });
  expect(writer.told).toEqual(REACHED);
});

test("one that says it twice does not speak for another", () => {
  const { reaching, writer, first } = threeWorkers();
  reaching.ask(writer, WRITTEN);
  reaching.reached(first, { kind: "reached", id: asked(first) });
  reaching.reached(first, { kind: "reached", id: asked(first) });
  expect(writer.told).toEqual([]);
});

test("one that leaves is not waited for", () => {
  const { reaching, writer, first, second } = threeWorkers();
  reaching.ask(writer, WRITTEN);
  reaching.reached(first, { kind: "reached", id: asked(first) });
  reaching.leave(second);
  expect(writer.told).toEqual(REACHED);
});

test("one that has not joined is not asked, and one that is alone waits for nobody", () => {
  const reaching = reachEveryone<Told>(60_000);
  const [writer, stranger] = [worker(), worker()];
  reaching.join(writer);
  reaching.ask(writer, WRITTEN);
  expect(writer.told).toEqual(REACHED);
  expect(stranger.told).toEqual([]);
});

test("what two have written at once is told to each for its own", () => {
  const { reaching, writer, first, second } = threeWorkers();
  reaching.ask(writer, WRITTEN);
  const ofWriter = asked(first);
  reaching.ask(second, { kind: "reach", id: 7, revision: "store/2" });
  for (const member of [writer, first]) reaching.reached(member, { kind: "reached", id: asked(member) });
  expect(second.told).toContainEqual(REACHED[0]);
  expect(writer.told).not.toContainEqual(REACHED[0]);
  for (const member of [first, second]) reaching.reached(member, { kind: "reached", id: ofWriter });
  expect(writer.told).toContainEqual(REACHED[0]);
});

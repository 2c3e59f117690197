import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { joinSiblings, knownEverywhere, type Siblings } from "../../src/compose/siblings.ts";
import { AssayError } from "../../src/core/error.ts";
import { digestOf, handDriven, MAX_STALENESS } from "../core/revocations/hand-driven-store.ts";
import { refusal } from "../support/core-requests.ts";
import { eventually } from "../support/eventually.ts";

const AWAY = new AssayError("store_unavailable", "the store does not answer");
const REVOCATION = { digest: digestOf(1), keep: "for-good", sealed: Buffer.alloc(0) } as const;

/** Siblings whose part the test plays. */
function handPlayed() {
  const joined = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const told: string[] = [];
  const siblings: Pick<Siblings, "join" | "leave" | "reach"> = {
    join: () => joined.promise,
    leave: () => undefined,
    reach(revision) {
      told.push(revision);
      return reached.promise;
    },
  };
  return { siblings, joined, reached, told };
}

async function isSettled(work: Promise<unknown>): Promise<boolean> {
  await turn();
  return Promise.race([work.then(() => true), turn(false)]);
}

describe("what is appended where there are siblings", () => {
  test("is acknowledged once they have reached it", async () => {
    const { siblings, reached, told } = handPlayed();
    const appending = knownEverywhere(handDriven().revocations, siblings).append(REVOCATION);
    expect(await isSettled(appending)).toBe(false);
    expect(told).toEqual(["log/1-0"]);
    reached.resolve();
    expect(await appending).toMatchObject({ revision: "log/1-0", durability: "local" });
  });

  test("is not acknowledged where they have not", async () => {
    const { siblings, reached } = handPlayed();
    const appending = refusal(knownEverywhere(handDriven().revocations, siblings).append(REVOCATION));
    reached.reject(AWAY);
    expect(await appending).toBe("store_unavailable");
  });
});

describe("a process that joins its siblings", () => {
  test("takes no call before a proof that was asked for after it had joined, whatever was proved before", async () => {
    const { siblings, joined } = handPlayed();
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0");
    const earlier = revocations.prove();
    const joining = joinSiblings(siblings, revocations, MAX_STALENESS);
    joined.resolve();
    await turn();
    asked[0]?.answer.resolve();
    await earlier;
    expect(await isSettled(joining)).toBe(false);
    expect(asked.map(({ what }) => what)).toEqual(["new proof", "new proof"]);
    asked[1]?.answer.resolve();
    await joining;
  });

  test("goes on asking while the store does not answer and the view could be judged by", async () => {
    const { siblings, joined } = handPlayed();
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0");
    joined.resolve();
    const joining = joinSiblings(siblings, revocations, MAX_STALENESS);
    for (const attempt of [0, 1]) {
      const question = await eventually("it asks", () => asked[attempt]);
      question.answer.reject(AWAY);
    }
    const question = await eventually("it asks", () => asked[2]);
    expect(await isSettled(joining)).toBe(false);
    question.answer.resolve();
    await joining;
  });

  test("judges nothing by what was proved before it had joined, whatever staleness a caller allows", async () => {
    const { siblings, joined } = handPlayed();
    const { revocations, proved, asked } = handDriven();
    const stale = MAX_STALENESS + 1_000;
    proved("log/0-0", stale);
    joined.resolve();
    const joining = joinSiblings(siblings, revocations, MAX_STALENESS);
    const question = await eventually("it asks", () => asked[0]);
    question.answer.reject(AWAY);
    await joining;
    expect(revocations.staleForMs()).toBe(Infinity);
    // The answer to what was asked before may come late.
    proved("log/0-0", stale);
    expect(revocations.staleForMs()).toBe(Infinity);
    proved("log/0-0");
    expect(revocations.staleForMs()).toBeLessThan(MAX_STALENESS);
  });

  test("does not wait for a store that has never answered: nothing is judged before it does", async () => {
    const { siblings, joined } = handPlayed();
    const { revocations, asked } = handDriven();
    joined.resolve();
    const joining = joinSiblings(siblings, revocations, MAX_STALENESS);
    const question = await eventually("it asks", () => asked[0]);
    question.answer.reject(AWAY);
    await joining;
    expect(revocations.problem()).toContain("not known whether revocations are missing");
  });
});

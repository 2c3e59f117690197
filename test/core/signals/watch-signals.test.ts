import { describe, expect, test } from "vitest";
import type { Call } from "../../../src/core/call.ts";
import type { Severity, Signal } from "../../../src/core/signals/signal.ts";
import { signalFeed } from "../../../src/core/signals/signal-feed.ts";
import { watchSignals } from "../../../src/core/signals/watch-signals.ts";
import { caller, callerWithout } from "../../support/core-environment.ts";
import { refusal } from "../../support/core-requests.ts";
import { eventually } from "../../support/eventually.ts";
import { aSignal } from "../../support/signals.ts";

/** A watch whose caller the test plays. */
function begin({ latest = 0, atLeast = "info" }: { latest?: number; atLeast?: Severity } = {}, past: Signal[] = []) {
  const feed = signalFeed();
  feed.remember(past);
  const leaving = new Set<() => void>();
  const call: Call = {
    isGone: () => false,
    onGone(leave) {
      leaving.add(leave);
      return () => leaving.delete(leave);
    },
  };
  const steps: (readonly Signal[])[] = [];
  let room = Promise.resolve();
  const ended = watchSignals({ signalFeed: feed, call }, caller(), { latest, atLeast }, (signals) => {
    steps.push(signals);
    return room;
  });
  ended.catch(() => undefined);
  return {
    feed,
    ended,
    steps,
    told: () => steps.flat(),
    leave: () => leaving.forEach((each) => each()),
    /** Nothing of what is told is read any more. */
    stopReading: () => {
      room = new Promise(() => undefined);
    },
  };
}

const [info, warning, critical] = [
  aSignal({ severity: "info", at: 1 }),
  aSignal({ severity: "warning", at: 2 }),
  aSignal({ severity: "critical", at: 3 }),
];

test("nothing comes first, then each signal as it is found", async () => {
  const watch = begin({}, [info]);
  watch.feed.tell(warning);
  watch.feed.tell(critical);
  await eventually("both are told", () => watch.told().length === 2 || undefined);
  expect(watch.steps[0]).toEqual([]);
  expect(watch.told()).toEqual([warning, critical]);
});

describe("of the latest it tells", () => {
  test.each<[string, Parameters<typeof begin>[0], Signal[]]>([
    ["as many as are asked for, oldest first", { latest: 2 }, [warning, critical]],
    ["none where none is asked for", {}, []],
    ["all where there are fewer", { latest: 1_000 }, [info, warning, critical]],
    ["those that matter as much, or more", { latest: 2, atLeast: "warning" }, [warning, critical]],
    ["as many that matter as are asked for", { latest: 1, atLeast: "critical" }, [critical]],
  ])("%s", async (_what, request, expected) => {
    const watch = begin(request, [info, warning, critical]);
    await eventually("it waits for more", () => watch.steps.length >= (expected.length === 0 ? 1 : 2) || undefined);
    expect(watch.told()).toEqual(expected);
  });
});

test("what matters less than is asked for is not told", async () => {
  const watch = begin({ atLeast: "critical" });
  for (const signal of [info, warning, critical]) watch.feed.tell(signal);
  await eventually("one is told", () => watch.told().length > 0 || undefined);
  expect(watch.told()).toEqual([critical]);
});

test("it says so while there is nothing to tell", async () => {
  const watch = begin();
  await eventually("it says so again", () => watch.steps.length >= 3 || undefined);
  expect(watch.told()).toEqual([]);
});

test("a step is no larger than a hundred, in order", async () => {
  const past = Array.from({ length: 250 }, (_, at) => aSignal({ at }));
  const watch = begin({ latest: 1_000 }, past);
  await eventually("all are told", () => watch.told().length === 250 || undefined);
  expect(watch.steps.map(({ length }) => length)).toEqual([0, 100, 100, 50]);
  expect(watch.told()).toEqual(past);
});

test("who reads more slowly than signals come is dropped, and nothing is kept for it", async () => {
  const watch = begin();
  await eventually("it begins", () => watch.steps.length > 0 || undefined);
  watch.stopReading();
  for (let count = 0; count < 2_200; count++) watch.feed.tell(aSignal());
  expect(await refusal(watch.ended)).toBe("watcher_too_slow");
});

test("when its call goes it ends, and follows no more", async () => {
  const watch = begin();
  await eventually("it begins", () => watch.steps.length > 0 || undefined);
  watch.leave();
  expect(await refusal(watch.ended)).toBe("call_gone");
  const count = watch.steps.length;
  watch.feed.tell(critical);
  expect(watch.steps.length).toBe(count);
});

test("it takes the permission to watch", async () => {
  const work = watchSignals({ signalFeed: signalFeed() }, callerWithout("watch"), { latest: 0, atLeast: "info" }, () =>
    Promise.reject(new Error("it is told")),
  );
  expect(await refusal(work)).toBe("permission_missing");
});

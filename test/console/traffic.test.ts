import { expect, test } from "vitest";
import type { Figures } from "../../src/console/shown.ts";
import { traffic } from "../../src/console/traffic.ts";

function figures(introspections: Record<string, number>, latency: number[] = []): Figures {
  const count = latency.reduce((sum, one) => sum + one, 0);
  return {
    calls: [{ rpc: "Introspect", count, bounds: [0.001, 0.01], counts: latency }],
    introspections,
    view: { staleFor: 0, entries: 0, bytes: 0 },
    issuerKeys: [],
  };
}

test("rates are what was counted since the last time, by the time that went by", () => {
  const kept = traffic();
  expect(kept.take([{ worker: undefined, figures: figures({ active: 1_000 }) }], 0)).toBeUndefined();
  const sample = kept.take(
    [{ worker: undefined, figures: figures({ active: 1_060, bad_signature: 20, malformed: 20 }) }],
    2_000,
  );
  expect(sample).toMatchObject({ at: 2_000, rates: { introspections: 50 }, outcomes: { active: 30, not_genuine: 20 } });
});

test("what is neither active nor a known reason was not answered", () => {
  const kept = traffic();
  kept.take([{ worker: undefined, figures: figures({}) }], 0);
  const sample = kept.take([{ worker: undefined, figures: figures({ STORE_UNAVAILABLE: 4 }) }], 1_000);
  expect(sample?.outcomes).toMatchObject({ active: 0, failed: 4 });
});

test("workers are added up, and one that is silent is missing for as long", () => {
  const kept = traffic();
  kept.take(
    [
      { worker: 1, figures: figures({ active: 10 }) },
      { worker: 2, figures: figures({ active: 500 }) },
    ],
    0,
  );
  const half = kept.take(
    [
      { worker: 1, figures: figures({ active: 11 }) },
      { worker: 2, figures: undefined },
    ],
    1_000,
  );
  expect(half?.rates.introspections).toBe(1);
  const both = kept.take(
    [
      { worker: 1, figures: figures({ active: 12 }) },
      { worker: 2, figures: figures({ active: 503 }) },
    ],
    2_000,
  );
  expect(both?.rates.introspections).toBe(4);
});

test("a worker that was replaced counts from nothing, and one that is new is not told as a burst", () => {
  const kept = traffic();
  kept.take([{ worker: 1, figures: figures({ active: 900 }) }], 0);
  const sample = kept.take(
    [
      { worker: 1, figures: figures({ active: 5 }) },
      { worker: 2, figures: figures({ active: 800 }) },
    ],
    1_000,
  );
  expect(sample?.rates.introspections).toBe(5);
});

test("latencies are those of the last steps together, and of no calls there are none", () => {
  const kept = traffic();
  kept.take([{ worker: undefined, figures: figures({}, [0, 0, 0]) }], 0);
  expect(kept.take([{ worker: undefined, figures: figures({}, [0, 0, 0]) }], 1_000)).not.toHaveProperty("p50");
  expect(kept.take([{ worker: undefined, figures: figures({}, [100, 0, 0]) }], 2_000)).toMatchObject({ p50: 0.5 });
  expect(kept.take([{ worker: undefined, figures: figures({}, [100, 0, 0]) }], 3_000)).toMatchObject({
    p50: 0.5,
    p99: 0.99,
  });
});

test("ten minutes are kept", () => {
  const kept = traffic();
  for (let step = 0; step < 400; step++) kept.take([], step * 2_000);
  expect(kept.samples()).toHaveLength(300);
  expect(kept.samples().at(-1)?.at).toBe(399 * 2_000);
});

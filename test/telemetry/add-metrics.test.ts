import { expect, test } from "vitest";
import { addMetrics } from "../../src/telemetry/add-metrics.ts";
import { METRICS } from "../../src/telemetry/attributes.ts";
import type { MetricFamily } from "../../src/telemetry/metric-family.ts";

function counter(points: Record<string, number>): MetricFamily {
  const byOutcome = Object.entries(points).map(([outcome, value]) => ({ labels: { outcome }, value }));
  return { name: "calls", unit: "", help: "Calls.", kind: "counter", points: byOutcome };
}

function labelled(labels: Record<string, string>): MetricFamily {
  return { name: "calls", unit: "", help: "", kind: "counter", points: [{ labels, value: 1 }] };
}

function gauge(name: string, value: number): MetricFamily {
  return { name, unit: "", help: "", kind: "gauge", points: [{ labels: {}, value }] };
}

function histogram(counts: number[], sum: number): MetricFamily {
  const count = counts.reduce((one, other) => one + other, 0);
  return {
    name: "time",
    unit: "s",
    help: "",
    kind: "histogram",
    bounds: [1],
    points: [{ labels: {}, count, sum, counts }],
  };
}

test("counts with the same labels are summed, and those of one process alone stay", () => {
  expect(addMetrics([[counter({ good: 1, bad: 2 })], [counter({ good: 3, odd: 4 })], []])).toEqual([
    counter({ good: 4, bad: 2, odd: 4 }),
  ]);
});

test("histograms are summed bucket by bucket", () => {
  expect(addMetrics([[histogram([1, 2], 5)], [histogram([10, 20], 50)]])).toEqual([histogram([11, 22], 55)]);
});

test("of what each process has a part the sum is told, of what each has the whole the greatest", () => {
  const told = [METRICS.rememberedTokens, METRICS.revocationStaleness].map((name) =>
    [7, 5].map((is) => [gauge(name, is)]),
  );
  expect(told.map((families) => addMetrics(families))).toEqual([
    [gauge(METRICS.rememberedTokens, 12)],
    [gauge(METRICS.revocationStaleness, 7)],
  ]);
});

test("the order of labels makes no difference", () => {
  expect(addMetrics([[labelled({ a: "1", b: "2" })], [labelled({ b: "2", a: "1" })]])[0]?.points).toHaveLength(1);
});

test("what is told is left as it was", () => {
  const [one, other] = [counter({ good: 1 }), counter({ good: 2 })];
  addMetrics([[one], [other]]);
  expect([one, other]).toEqual([counter({ good: 1 }), counter({ good: 2 })]);
});

import { expect, test } from "vitest";
import type { MetricFamily } from "../../src/telemetry/metric-family.ts";
import { prometheusName, prometheusText } from "../../src/telemetry/prometheus-text.ts";

test.each<[string, string, MetricFamily["kind"], string]>([
  ["assay.introspections", "", "counter", "assay_introspections_total"],
  ["rpc.server.call.duration", "s", "histogram", "rpc_server_call_duration_seconds"],
  ["assay.revocations.memory", "By", "gauge", "assay_revocations_memory_bytes"],
  ["assay.revocations.live", "{revocation}", "gauge", "assay_revocations_live"],
])("%s in `%s`, a %s, is %s", (name, unit, kind, expected) => {
  expect(prometheusName({ name, unit, kind })).toBe(expected);
});

test("a counter is told with its help, type and labels, and what would break a line is escaped", () => {
  const labels = { "assay.outcome": 'a"b\\c\nd', kind: "x" };
  const family: MetricFamily = {
    name: "a.b",
    unit: "",
    help: "Of\nthings.",
    kind: "counter",
    points: [{ labels, value: 3 }],
  };
  expect(prometheusText([family])).toBe(
    '# HELP a_b_total Of\\nthings.\n# TYPE a_b_total counter\na_b_total{assay_outcome="a\\"b\\\\c\\nd",kind="x"} 3\n',
  );
});

test("the buckets of a histogram hold those below, and the last all", () => {
  const family: MetricFamily = {
    name: "a",
    unit: "s",
    help: "A.",
    kind: "histogram",
    bounds: [0.1, 1],
    points: [{ labels: {}, count: 6, sum: 7.5, counts: [1, 2, 3] }],
  };
  expect(prometheusText([family]).split("\n").slice(2, -1)).toEqual([
    'a_seconds_bucket{le="0.1"} 1',
    'a_seconds_bucket{le="1"} 3',
    'a_seconds_bucket{le="+Inf"} 6',
    "a_seconds_sum 7.5",
    "a_seconds_count 6",
  ]);
});

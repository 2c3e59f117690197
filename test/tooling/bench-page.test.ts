import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readResults, type Results } from "../../bench/page/results.ts";
import { promisesTable } from "../../bench/page/tables.ts";
import { growthCurve } from "../../bench/plots/growth-curve.ts";
import { latencyCurve } from "../../bench/plots/latency-curve.ts";
import { ratioBars } from "../../bench/plots/ratio-bars.ts";
import { selfTimes } from "../../bench/profile/cpu-profile.ts";
import { moduleOf } from "../../bench/profile/module-of.ts";
import { PROMISES } from "../../bench/promises.ts";

it("takes the last of what was measured more than once", async () => {
  const { measures } = await resultsOf([unary(1.3), unary(1.05)]);
  expect(measures.get("unary_seen_jwt")?.ratio).toBe(1.05);
});

it.each([
  [unary(1.1), "yes"],
  [unary(1.11), "**no**"],
  [{ ...unary(2.8), measure: "vs_oidc_provider" }, "yes"],
  [{ ...unary(2.79), measure: "vs_oidc_provider" }, "**no**"],
  [{ ...unary(9), measure: "memory", difference: 60 }, "yes"],
  [{ ...unary(1), measure: "memory", difference: 61 }, "**no**"],
  [{ ...unary(1), measure: "memory" }, "**no**"],
])("says of %o that its promise is kept: %s", async (line, verdict) => {
  expect(
    promisesTable(await resultsOf([line]))
      .split("\n")
      .at(-1),
  ).toMatch(new RegExp(`\\| ${escaped(verdict)} \\|$`));
});

it("draws a bar beyond its promise as missed, with a line where it was to end", async () => {
  const { measures } = await resultsOf([unary(1.2)]);
  expect(ratioBars("CPU", PROMISES, measures)).toMatch(/class="missed"[^]*class="bound"/);
});

it("draws no plot of what was not measured", async () => {
  const { measures } = await resultsOf([unary(1)]);
  expect([latencyCurve("latency", measures), growthCurve("growth", measures)]).toEqual([undefined, undefined]);
});

it("counts a sample as the time until the next, and idle time not at all", () => {
  const nodes = [
    { id: 1, callFrame: frame("emit") },
    { id: 2, callFrame: frame("(idle)") },
  ];
  const times = selfTimes({ nodes, samples: [1, 2, 1], timeDeltas: [5, 10, 20] });
  expect(times).toEqual([{ ...frame("emit"), microseconds: 10 }]);
});

it.each([
  ["file:///anywhere/node_modules/@grpc/grpc-js/build/src/server.js", "@grpc/grpc-js"],
  [new URL("../../src/core/introspect.ts", import.meta.url).href, "src/core/introspect.ts"],
  ["node:internal/http2/core", "node:internal/http2/core"],
])("says that %s belongs to %s", (url, module) => {
  expect(moduleOf({ functionName: "call", url })).toBe(module);
});

function unary(ratio: number) {
  return {
    suite: "introspect",
    measure: "unary_seen_jwt",
    unit: "µs/call",
    reference: 60,
    product: 60 * ratio,
    ratio,
    runs: 7,
  };
}

function frame(functionName: string) {
  return { functionName, url: "node:events", lineNumber: 7 };
}

async function resultsOf(lines: readonly object[]): Promise<Results> {
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-page-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "run.jsonl");
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join("\n"));
  return readResults(path);
}

function escaped(text: string): string {
  return text.replaceAll("*", String.raw`\*`);
}

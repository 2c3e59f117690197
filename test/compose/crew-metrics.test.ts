import { expect, test } from "vitest";
import { crewMetrics } from "../../src/compose/crew-metrics.ts";
import { METRICS } from "../../src/telemetry/attributes.ts";
import type { Gathered } from "../../src/workers/gather-metrics.ts";
import type { ToldMetrics } from "../../src/workers/told-metrics.ts";

type Worker = { name: string };
const [one, other]: Worker[] = [{ name: "one" }, { name: "other" }];
if (one === undefined || other === undefined) throw new Error("there are two workers");

/** A worker that has answered so many calls, and holds so many tokens. */
function told(calls: number, tokens: number): ToldMetrics {
  return [family("calls", "counter", calls), family(METRICS.rememberedTokens, "gauge", tokens)];
}

function family(name: string, kind: "counter" | "gauge", value: number): ToldMetrics[number] {
  return { name, unit: "", help: "", kind, points: [{ labels: {}, value }] };
}

async function summed(rounds: readonly Gathered<Worker>[]): Promise<Record<string, number>[]> {
  const waiting = [...rounds];
  const collect = crewMetrics(async () => waiting.shift() ?? { told: new Map(), silent: new Set() });
  const sums: Record<string, number>[] = [];
  for (const _ of rounds) {
    const families = await collect();
    sums.push(
      Object.fromEntries(families.map((of) => [of.name, of.kind === "histogram" ? -1 : (of.points[0]?.value ?? -1)])),
    );
  }
  return sums;
}

const both = (first: ToldMetrics, second: ToldMetrics): Gathered<Worker> => ({
  told: new Map([
    [one, first],
    [other, second],
  ]),
  silent: new Set(),
});

test("counts never fall: those of a silent worker and of one that has ended stay, what they held goes", async () => {
  const sums = await summed([
    both(told(10, 3), told(5, 4)),
    { told: new Map([[one, told(11, 3)]]), silent: new Set([other]) },
    { told: new Map([[one, told(12, 3)]]), silent: new Set() },
    both(told(13, 3), told(1, 1)),
  ]);
  expect(sums).toEqual([
    { calls: 15, [METRICS.rememberedTokens]: 7, [METRICS.silentWorkers]: 0 },
    { calls: 16, [METRICS.rememberedTokens]: 3, [METRICS.silentWorkers]: 1 },
    { calls: 17, [METRICS.rememberedTokens]: 3, [METRICS.silentWorkers]: 1 },
    { calls: 19, [METRICS.rememberedTokens]: 4, [METRICS.silentWorkers]: 1 },
  ]);
});

test("a silent worker that answers again is not counted twice", async () => {
  const sums = await summed([
    both(told(10, 3), told(5, 4)),
    { told: new Map([[one, told(10, 3)]]), silent: new Set([other]) },
    both(told(10, 3), told(6, 4)),
  ]);
  expect(sums.map(({ calls }) => calls)).toEqual([15, 15, 16]);
});

/**
 * What a server still does when it is offered three times what it can: first sights of RS256 JWTs, at a fixed rate whatever it answers.
 * `overload` is how many a second it answers, beside how many it can; `_p99_ms` what the answered then wait, with what they waited for a
 * place on a connection, since the server takes so many at once; `_accepted_p99_ms` without; `_shed` how many a second it turns away with
 * RESOURCE_EXHAUSTED, beside those it was offered; `_rss` what is resident after the last run, beside halfway.
 */
import { openApi } from "../api.ts";
import type { Effort, Report, Suite } from "../effort.ts";
import type { RunResult } from "../generator/load.ts";
import { medianMeasure } from "../pairs.ts";
import { residentBytes } from "../process-usage.ts";
import { foreignTokens } from "../rotation/foreign-tokens.ts";
import { makeRotation, revokeSome, roomForLess } from "../rotation/rotation.ts";
import { type LoadedSide, productSide } from "../sides.ts";
import { startIn, withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";

const OFFERED = 3;
/** Than a run at capacity: queues are full for most of it. */
const LONGER = 2;
/** More than a server takes at once, so that it is never the connections that hold calls back. */
const CONNECTIONS = { connections: 32, users: 256 } as const;
/** On each connection, to find out what it can do. */
const USERS_AT_CAPACITY = 2;
const MEGABYTE = 1_048_576;

type Run = { capacity: RunResult; overload: RunResult; offered: number; resident: number };

export const runOverloadSuite: Suite = (effort, report) =>
  withSurroundings(effort, async (surroundings) => {
    // Of those that come in turn most are turned away: the others must be forgotten all the same before they come again.
    const limits = roomForLess(effort.tokens / 8);
    const product = await startIn(surroundings, { limits });
    const api = openApi(product);
    try {
      await untilReady(api);
      const rotation = await makeRotation(foreignTokens(product.foreign, "RS256", effort.tokens));
      await revokeSome(api, rotation);
      const messages = rotation.messages.path;
      const side = await productSide(product, { rpc: "Introspect", kind: "unary", ...CONNECTIONS, messages });
      try {
        tell(await overloaded(side, effort), report);
      } finally {
        await side.load.stop();
        await rotation.messages.remove();
      }
    } finally {
      api.close();
      await product.stop();
    }
  });

/** Each overload right after the capacity that it is measured by. The first pair warms up, and is not counted. */
async function overloaded({ pid, load }: LoadedSide, { runs, milliseconds }: Effort): Promise<Run[]> {
  const all: Run[] = [];
  while (all.length <= runs) {
    const capacity = await load.run({ milliseconds, users: USERS_AT_CAPACITY });
    const offered = OFFERED * (capacity.calls / capacity.seconds);
    const overload = await load.run({ milliseconds: LONGER * milliseconds, rate: offered });
    all.push({ capacity, overload, offered, resident: (await residentBytes(pid)) / MEGABYTE });
  }
  return all;
}

function tell(all: readonly Run[], report: Report): void {
  const runs = all.slice(1);
  const medians = (measure: string, unit: string, of: (run: Run) => { reference: number; product: number }): void =>
    report(medianMeasure({ suite: "overload", measure, unit }, runs.map(of)));
  medians("overload", "calls/s", ({ capacity, overload }) => ({
    reference: capacity.calls / capacity.seconds,
    product: overload.calls / overload.seconds,
  }));
  medians("overload_p99_ms", "ms", ({ capacity, overload }) => ({
    reference: capacity.latency.p99,
    product: overload.latency.p99,
  }));
  medians("overload_accepted_p99_ms", "ms", ({ capacity, overload }) => ({
    reference: capacity.accepted.p99,
    product: overload.accepted.p99,
  }));
  medians("overload_shed", "calls/s", ({ offered, overload }) => ({
    reference: offered,
    product: overload.shed / overload.seconds,
  }));
  // What is resident after the first runs is not yet all that V8 takes for so many calls at once.
  const [half, last] = [all[all.length >> 1]?.resident ?? Number.NaN, all.at(-1)?.resident ?? Number.NaN];
  const resident = { reference: half, product: last, ratio: last / half, runs: runs.length };
  report({ suite: "overload", measure: "overload_rss", unit: "MB", ...resident });
}

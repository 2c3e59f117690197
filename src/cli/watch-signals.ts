import { type Signal, SignalSeverity, type WatchSignalsResponse } from "../gen/assay/v1/token_service.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { drained, keepWatching, note } from "./keep-watching.ts";
import { printJsonLine, printLine } from "./output.ts";
import { jsonOf, lineOf } from "./told-signal.ts";
import { openWatch } from "./watch-stream.ts";

export type SignalWatchOptions = ConnectionOptions & { atLeast?: "info" | "warning" | "critical"; latest?: number };

const SEVERITIES = {
  info: SignalSeverity.SIGNAL_SEVERITY_INFO,
  warning: SignalSeverity.SIGNAL_SEVERITY_WARNING,
  critical: SignalSeverity.SIGNAL_SEVERITY_CRITICAL,
} as const;
/** As many as an instance keeps. */
const GREATEST_LATEST = 1_000;
const REMEMBERED = 4 * GREATEST_LATEST;
/** By which the clocks here and there may differ. */
const TOLERANCE_MS = 5_000;

/** Tells each signal once, also those that were found while it was not connected, as far as the service keeps them. */
export async function watchSignals(options: SignalWatchOptions): Promise<void> {
  const atLeast = SEVERITIES[options.atLeast ?? "info"];
  const since = Date.now() - TOLERANCE_MS;
  const isNew = memory();
  let connections = 0;
  let isWelcome = false;
  await keepWatching({
    place: () => "with what was found meanwhile",
    begin(stop) {
      const latest = connections === 0 ? (options.latest ?? 0) : GREATEST_LATEST;
      connections += 1;
      isWelcome = false;
      return openWatch(
        options,
        (client, metadata) => client.watchSignals({ latest, at_least: atLeast }, metadata),
        stop,
      );
    },
    async take({ signals }: WatchSignalsResponse) {
      if (!isWelcome) note("watching signals");
      isWelcome = true;
      for (const signal of signals) {
        const isWanted = connections === 1 || signal.at_ms >= since;
        if (isNew(signal) && isWanted) print(signal, options.json);
      }
      await drained();
    },
  });
}

/** Says whether a signal comes for the first time. */
function memory(): (signal: Signal) => boolean {
  const known = new Set<string>();
  return ({ id, reported_by: reportedBy = "" }) => {
    const name = `${id} ${reportedBy}`;
    if (known.has(name)) return false;
    known.add(name);
    const [oldest] = known;
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return true;
  };
}

function print(signal: Signal, json: boolean | undefined): void {
  if (json === true) printJsonLine(jsonOf(signal));
  else printLine(lineOf(signal));
}

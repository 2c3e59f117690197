import { once } from "node:events";
import type { Command } from "commander";
import type { WatchRevocationsResponse } from "../gen/assay/v1/token_service.ts";
import { backOff } from "./back-off.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { addExamples } from "./examples.ts";
import { EXIT, Failure } from "./failure.ts";
import { printable, printJsonLine, printLine } from "./output.ts";
import { listenForSignals } from "./signals.ts";

type WatchOptions = ConnectionOptions & { after?: string };

export function define(command: Command): void {
  command.option("--after <revision>", "only what was revoked after it; everything that is in force when absent");
  addConnectionOptions(command);
  addExamples(command, ["assay watch", "assay watch --json --after 0b2f…/17 >> revocations.jsonl"]);
  command.action(watch);
}

/** Goes on until it is interrupted: when the service ends the stream, it begins again after the last revision. */
async function watch(options: WatchOptions): Promise<void> {
  const stop = new AbortController();
  void listenForSignals().first.then(() => stop.abort());
  const { openWatch } = await import("./watch-stream.ts");
  const print = options.json === true ? jsonPrinter : plainPrinter;
  const waits = backOff();
  let after = options.after ?? "";
  let hasBegun = false;
  let isUpToDate = false;
  while (!stop.signal.aborted) {
    try {
      for await (const step of openWatch(options, after, stop.signal)) {
        if (step.from_beginning) isUpToDate = false;
        hasBegun = true;
        waits.reset();
        await print(step);
        after = step.revision ?? (step.from_beginning ? "" : after);
        if (!isUpToDate && step.proved_at_ms !== undefined) note(`up to date: watching ${place(after)}`);
        isUpToDate ||= step.proved_at_ms !== undefined;
      }
    } catch (error) {
      if (!hasBegun || !(error instanceof Failure) || !mayPass(error)) throw error;
      note(`interrupted: ${error.message}`);
    }
    isUpToDate = false;
    if (!stop.signal.aborted)
      await waits.wait(stop.signal, (seconds) => note(`connecting again in ${seconds} s, ${place(after)}`));
  }
}

function place(after: string): string {
  return after === "" ? "from the beginning" : `after ${after}`;
}

/** Whoever is not allowed to watch, or asks wrongly, is told so at once. */
function mayPass({ exitCode }: Failure): boolean {
  return exitCode === EXIT.noAnswer;
}

/** On standard error: standard output is for revocations alone. */
function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

async function plainPrinter({ revocations }: WatchRevocationsResponse): Promise<void> {
  const { sentenceOf } = await import("./told-revocation.ts");
  for (const revocation of revocations) printLine(printable(sentenceOf(revocation)));
  await drained();
}

/** The last of a step says up to where all has been told. */
async function jsonPrinter({ revocations, revision }: WatchRevocationsResponse): Promise<void> {
  const { jsonOf } = await import("./told-revocation.ts");
  const last = revocations.at(-1);
  for (const revocation of revocations)
    printJsonLine({ ...jsonOf(revocation), ...(revocation === last ? { revision } : {}) });
  await drained();
}

/** Who reads slowly is waited for, and the service waits for us. */
async function drained(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
}

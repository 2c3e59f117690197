import { once } from "node:events";
import { backOff } from "./back-off.ts";
import { EXIT, Failure } from "./failure.ts";
import { printable } from "./output.ts";
import { listenForSignals } from "./signals.ts";

export type Watch<Step> = {
  /** Begins where the last one left off. @throws Failure */
  begin: (stop: AbortSignal) => AsyncIterable<Step>;
  take: (step: Step) => Promise<void>;
  /** From where the next one goes on, for who reads along. */
  place: () => string;
};

/** Goes on until it is interrupted: when the service ends the stream, it begins again. @throws Failure where it never began */
export async function keepWatching<Step>({ begin, take, place }: Watch<Step>): Promise<void> {
  const stop = new AbortController();
  void listenForSignals().first.then(() => stop.abort());
  const waits = backOff();
  let hasBegun = false;
  while (!stop.signal.aborted) {
    try {
      for await (const step of begin(stop.signal)) {
        hasBegun = true;
        waits.reset();
        await take(step);
      }
    } catch (error) {
      if (!hasBegun || !(error instanceof Failure) || !mayPass(error)) throw error;
      note(`interrupted: ${error.message}`);
    }
    if (!stop.signal.aborted)
      await waits.wait(stop.signal, (seconds) => note(`connecting again in ${seconds} s, ${place()}`));
  }
}

/** Whoever is not allowed to watch, or asks wrongly, is told so at once. */
function mayPass({ exitCode }: Failure): boolean {
  return exitCode === EXIT.noAnswer;
}

/** On standard error: standard output is for what is watched alone. */
export function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Who reads slowly is waited for, and the service waits for us. */
export async function drained(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
}

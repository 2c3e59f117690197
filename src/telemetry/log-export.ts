import { setTimeout as delay } from "node:timers/promises";

/** What of an exporter of the SDK is used here. */
export type Exporter = {
  export(records: readonly object[], done: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
};

/** `code` 0 is success. */
export type ExportResult = { code: number; error?: Error };

export const SUCCESS = 0;
const FAILED = 1;

/** A receiver that is started anew is back within seconds; over gRPC the SDK itself tries once only. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000];
const LAST_PAUSE_MS = 8_000;

export type RetryTerms = {
  /** No pause is made any more, and nothing tried again afterwards. */
  ending: AbortSignal;
  /** It is tried for as long as it takes, and not five times. */
  mustArrive: boolean;
};

/**
 * Sends until the receiver has taken it. A receiver that took it without saying so gets it again: events are told apart by their number.
 * @returns how the last try ended
 */
export async function exportWithRetries(
  exporter: Exporter,
  records: readonly object[],
  { ending, mustArrive }: RetryTerms,
): Promise<ExportResult> {
  for (const pause of pausesBetween(mustArrive)) {
    const result = await send(exporter, records);
    if (result.code === SUCCESS || ending.aborted) return result;
    await delay(pause, undefined, { signal: ending, ref: false }).catch(() => undefined);
  }
  return send(exporter, records);
}

function* pausesBetween(isEndless: boolean): Generator<number> {
  yield* PAUSES_MS;
  if (!isEndless) return;
  for (;;) yield LAST_PAUSE_MS;
}

function send(exporter: Exporter, records: readonly object[]): Promise<ExportResult> {
  return new Promise<ExportResult>((resolve) => exporter.export(records, resolve)).catch((error: unknown) => ({
    code: FAILED,
    error: error instanceof Error ? error : new Error("the exporter failed"),
  }));
}

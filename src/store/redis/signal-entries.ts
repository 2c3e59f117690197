/** Signals as the stream holds them. Whoever can write to the store can write anything there: nothing is taken as it came. */
import { readSignal } from "../../core/signals/read-signal.ts";
import type { Signal } from "../../core/signals/signal.ts";
import { list, unexpected } from "./log-replies.ts";

export type SignalEntries = {
  signals: readonly Signal[];
  /** Entries that are none. */
  unreadable: number;
  /** Undefined where there are none. */
  lastId: string | undefined;
};

export const SIGNAL_FIELD = "s";

/** None of ours has as much. */
const GREATEST_BYTES = 4_096;

/** Entries as XRANGE returns them: `[id, [field, value]]`, all of them buffers. */
export function decodeSignals(entries: readonly unknown[]): SignalEntries {
  const read = entries.map((entry) => signalIn(list(entry)[1]));
  const signals = read.filter((signal) => signal !== undefined);
  const last = entries.at(-1);
  return {
    signals,
    unreadable: read.length - signals.length,
    lastId: last === undefined ? undefined : idOf(last),
  };
}

/** What XREAD of one stream returns: nothing within its time, or `[[name, entries]]`. */
export function decodeSignalsRead(reply: unknown): SignalEntries {
  if (reply === null) return decodeSignals([]);
  const [stream] = list(reply);
  return decodeSignals(list(list(stream)[1]));
}

function idOf(entry: unknown): string {
  const [id] = list(entry);
  if (!Buffer.isBuffer(id)) throw unexpected();
  return id.toString("latin1");
}

function signalIn(fields: unknown): Signal | undefined {
  const [field, value] = list(fields);
  if (!Buffer.isBuffer(field) || !Buffer.isBuffer(value) || value.length > GREATEST_BYTES) return undefined;
  if (field.toString() !== SIGNAL_FIELD) return undefined;
  try {
    return readSignal(JSON.parse(value.toString()));
  } catch {
    // Without the cause, which quotes what it read.
    return undefined;
  }
}

import type { RunResult } from "./load.ts";
import type { Running } from "./run-load.ts";
import { tally } from "./tally.ts";
import { unaryCall } from "./unary-call.ts";

/** How long the last answers may take. */
const PATIENCE_MS = 30_000;

/**
 * Sends at a fixed rate, whatever comes back: a call for which no connection has room waits here, and its latency runs from when it
 * was to be sent. Spins between two sends, since timers are too coarse.
 */
export function openLoop(running: Running, milliseconds: number, rate: number): Promise<RunResult> {
  const { connections, load } = running;
  const begun = performance.now();
  const end = begun + milliseconds;
  const counts = tally(end);
  const total = Math.round((milliseconds / 1_000) * rate);
  let [sent, done, turn] = [0, 0, 0];

  const free = () => {
    for (let tried = 0; tried < connections.length; tried++) {
      const connection = connections[turn++ % connections.length];
      if (connection !== undefined && connection.openStreams < Math.min(load.users, connection.greatestStreams))
        return connection;
    }
    return undefined;
  };
  const sendDue = (now: number): void => {
    for (; sent < total; sent++) {
      const due = begun + (sent / rate) * 1_000;
      const connection = due <= now && now < end ? free() : undefined;
      if (connection === undefined) return;
      unaryCall(running, connection, due, counts, () => {
        done++;
      });
    }
  };
  return new Promise((resolve, reject) => {
    const step = (): void => {
      const now = performance.now();
      sendDue(now);
      if (now >= end && done === sent) resolve(counts.result());
      else if (now >= end + PATIENCE_MS) reject(new Error(`${sent - done} calls were not answered`));
      else setImmediate(step);
    };
    step();
  });
}

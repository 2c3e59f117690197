import type { Connection } from "./connection.ts";
import type { RunRequest, RunResult } from "./load.ts";
import type { Running } from "./run-load.ts";
import { tally } from "./tally.ts";
import { unaryCall } from "./unary-call.ts";

/** Each virtual user sends its next call when it has the answer to its last. */
export async function closedLoop(running: Running, { milliseconds, calls = Infinity }: RunRequest): Promise<RunResult> {
  const { connections, load } = running;
  const counts = tally();
  const end = performance.now() + milliseconds;
  let sent = 0;
  const user = (connection: Connection): Promise<void> =>
    new Promise((resolve) => {
      const again = (): void => {
        const now = performance.now();
        if (now >= end || sent++ >= calls) resolve();
        else unaryCall(running, connection, now, counts, again);
      };
      again();
    });
  await Promise.all(connections.flatMap((connection) => Array.from({ length: load.users }, () => user(connection))));
  return counts.result();
}

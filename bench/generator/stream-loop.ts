import type { Connection } from "./connection.ts";
import type { RunResult } from "./load.ts";
import type { Running } from "./run-load.ts";
import { type Tally, tally } from "./tally.ts";
import { eachItem } from "./verdict.ts";

/** One stream on each connection, with as many messages in flight as there are users: each answer is followed by the next message. */
export async function streamLoop(running: Running, milliseconds: number): Promise<RunResult> {
  const counts = tally();
  const end = performance.now() + milliseconds;
  await Promise.all(running.connections.map((connection) => oneStream(running, connection, end, counts)));
  return counts.result();
}

function oneStream(running: Running, connection: Connection, end: number, counts: Tally): Promise<void> {
  const { load, messages, next } = running;
  // Each item's id is the place of its message in the rotation. An echo always answers the same one.
  const sentAt = new Map<number, number>();
  let inFlight = 0;
  const send = (): void => {
    const index = next();
    const now = performance.now();
    if (load.isChecked) sentAt.set(index, now);
    inFlight++;
    stream.send(messages.body(index));
  };
  const answered = (id: number, isActive: boolean | undefined): void => {
    const since = load.isChecked ? sentAt.get(id) : performance.now();
    sentAt.delete(id);
    if (since === undefined) throw new Error(`item ${id} was answered and not asked`);
    if (load.isChecked && Number(isActive) !== messages.active(id)[0])
      throw new Error(`item ${id} got the wrong answer`);
    counts.answered(1, since);
    inFlight--;
    if (performance.now() < end) send();
    else if (inFlight === 0) stream.end();
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stream = connection.open({
    message: (bytes) => eachItem(bytes, answered),
    ended: (status) => {
      if (status === 0 && inFlight === 0) resolve();
      else reject(new Error(`the stream ended with status ${status}, and ${inFlight} items in flight`));
    },
  });
  for (let user = 0; user < load.users; user++) send();
  return promise;
}

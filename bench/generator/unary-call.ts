import type { Connection } from "./connection.ts";
import type { Running } from "./run-load.ts";
import type { Tally } from "./tally.ts";
import { wrongAnswer } from "./verdict.ts";

const OK = 0;
const RESOURCE_EXHAUSTED = 8;

/**
 * One call with the next message in rotation.
 * @param since when it was to be sent
 * @throws Error, where the answer comes, when it is not the right one
 */
export function unaryCall(
  { load, messages, next }: Running,
  connection: Connection,
  since: number,
  tally: Tally,
  done: () => void,
): void {
  const index = next();
  const sent = performance.now();
  let answer: Buffer = Buffer.alloc(0);
  const stream = connection.open({
    message: (bytes) => {
      answer = bytes;
    },
    ended: (status) => {
      if (status === RESOURCE_EXHAUSTED) tally.shed();
      else if (status !== OK) throw new Error(`message ${index} was answered with status ${status}`);
      else {
        const active = messages.active(index);
        const wrong = load.isChecked ? wrongAnswer(load.kind, answer, active) : undefined;
        if (wrong !== undefined) throw new Error(`message ${index} got the wrong answer: ${wrong}`);
        tally.answered(active.length, since, sent);
      }
      done();
    },
  });
  stream.send(messages.body(index));
}

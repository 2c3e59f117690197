import { encodeStreamAnswers, type ItemAnswer } from "./encoded-answers.ts";

/** Answers on their way to a client that may read slowly. */
export type Outbox = {
  /** It goes with all others of the same turn of the event loop, and not before the last message is through. */
  put(answer: ItemAnswer): void;
  /** Writes what has not been written, without waiting. */
  flush(): void;
  /** Of what has not been written. */
  waitingBytes(): number;
  /** For how long the last message has not been through; 0 where it is. */
  unreadForMs(): number;
};

export type OutboxOptions = {
  /** Calls `through` when HTTP/2's flow control has let the message pass. */
  write: (message: Buffer, through: () => void) => void;
  /** Runs before each message. */
  onWrite: (answers: readonly ItemAnswer[]) => void;
};

/** Of one message: clients refuse more than 4 MiB. */
const GREATEST_ANSWERS = 256;
const GREATEST_BYTES = 1_048_576;

/** A message costs ten times what an item does, so there are as few as can be. */
export function outbox({ write, onWrite }: OutboxOptions): Outbox {
  let waiting: ItemAnswer[] = [];
  let bytes = 0;
  let writingSince: number | undefined;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled || writingSince !== undefined || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(writeNext);
  };
  const writeNext = (): void => {
    isScheduled = false;
    if (writingSince === undefined && waiting.length > 0) writePart();
  };
  const writePart = (): void => {
    const answers = waiting.slice(0, countThatFit(waiting));
    waiting = waiting.slice(answers.length);
    for (const answer of answers) bytes -= answer.bytes.length;
    writingSince = performance.now();
    onWrite(answers);
    write(encodeStreamAnswers(answers), through);
  };
  const through = (): void => {
    writingSince = undefined;
    schedule();
  };

  return {
    put(answer) {
      waiting.push(answer);
      bytes += answer.bytes.length;
      schedule();
    },
    flush() {
      while (waiting.length > 0) writePart();
    },
    waitingBytes: () => bytes,
    unreadForMs: () => (writingSince === undefined ? 0 : performance.now() - writingSince),
  };
}

/** At least one. */
function countThatFit(answers: readonly ItemAnswer[]): number {
  let bytes = 0;
  for (const [index, answer] of answers.entries()) {
    bytes += answer.bytes.length;
    if (index === GREATEST_ANSWERS || (bytes > GREATEST_BYTES && index > 0)) return index;
  }
  return answers.length;
}

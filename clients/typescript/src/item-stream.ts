import { alarm } from "./alarm.ts";
import { backOff } from "./back-off.ts";
import { tooLate } from "./call-errors.ts";
import { AssayClientError, ofStatus } from "./client-error.ts";
import { encodedLength, encodeItems } from "./encode-items.ts";
import type { IntrospectStreamResponse, IntrospectStreamResponse_Item } from "./gen/assay/v1/token_service.ts";
import { type Asked, type Asker, type GiveUp, newQuestion, questionQueue } from "./question-queue.ts";

/** The stream as it is open to the service. */
export type OpenStream = {
  /** @returns false when no more should be written before `drained` */
  write: (message: Buffer) => boolean;
  cancel: () => void;
};

export type StreamListener = {
  answers(message: IntrospectStreamResponse): void;
  drained(): void;
  /** Nothing follows. */
  ended(error: AssayClientError): void;
};

export type ItemStream = {
  /**
   * Asks, together with whoever else asks in this turn of the event loop.
   * @param deadline as `performance.now` says it
   */
  ask: (token: string, terms: Uint8Array, deadline: number, asker: Asker) => GiveUp;
  /** How many are not answered. */
  pending: () => number;
  /** Nothing may be asked any more. */
  close: (error: AssayClientError) => void;
};

/** What gRPC says of a message that is longer than its receiver allows. It has no reason of the service's own. */
const MESSAGE_TOO_LONG = /message larger than max/;

/**
 * All questions on one stream. It is opened with the first, and anew when it breaks: what was not answered is asked again, for an answer
 * changes nothing; in shorter messages, where the service takes none so long. What cannot be answered is asked again, later and later, up
 * to its deadline.
 */
export function itemStream(open: (listener: StreamListener) => OpenStream): ItemStream {
  const pending = new Map<number, Asked>();
  const waiting = questionQueue(({ id }) => pending.has(id));
  const bell = alarm(ring);
  let stream: OpenStream | undefined;
  let isFull = false;
  let isScheduled = false;
  let isClosed = false;
  let lastId = 0;
  /** Of the stream, in a row: without an answer in between. */
  let breaks = 0;
  let openAt = -Infinity;
  let openedAt = -Infinity;

  function ask(token: string, terms: Uint8Array, deadline: number, asker: Asker): GiveUp {
    lastId += 1;
    const question = newQuestion(lastId, token, terms, deadline, asker);
    pending.set(question.id, question);
    waiting.add(question);
    bell.by(deadline);
    schedule();
    return (error) => fail(question, error);
  }

  function fail(question: Asked, error: AssayClientError): void {
    if (pending.delete(question.id)) question.asker.failed(error);
  }

  /** Once a turn: whoever asks in it goes along. */
  function schedule(): void {
    if (isScheduled || isFull) return;
    isScheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    isScheduled = false;
    if (isClosed || waiting.isEmpty()) return;
    const now = performance.now();
    if (stream === undefined && now < openAt) return bell.by(openAt);
    if (stream === undefined) {
      openedAt = now;
      stream = open(listenerOfNew());
    }
    while (!isFull) {
      const questions = waiting.take();
      if (questions.length === 0) return;
      for (const question of questions) question.sentAt = now;
      isFull = !stream.write(encodeItems(questions));
    }
  }

  function listenerOfNew(): StreamListener {
    let isOver = false;
    let isOfUse = false;
    isFull = false;
    return {
      answers: ({ items }) => {
        isOfUse = true;
        for (const item of items) take(item);
      },
      drained: () => {
        isFull = false;
        schedule();
      },
      ended: (error) => {
        if (isOver) return;
        isOver = true;
        broken(error, isOfUse);
      },
    };
  }

  function take({ id, result }: IntrospectStreamResponse_Item): void {
    const question = pending.get(id);
    // Given up meanwhile.
    if (question === undefined) return;
    if (result?.$case === "response") {
      pending.delete(id);
      question.asker.answered(result.value, question.sentAt);
      return;
    }
    const error = result === undefined ? unknownAnswer() : ofStatus(result.value);
    if (error.code === "UNAVAILABLE") retryLater(question, error);
    else fail(question, error);
  }

  function retryLater(question: Asked, error: AssayClientError): void {
    question.failures += 1;
    question.failure = error;
    const retryAt = performance.now() + backOff(question.failures, error.retryAfterMs);
    if (retryAt >= question.deadline) return fail(question, error);
    question.wakeAt = retryAt;
    bell.by(retryAt);
  }

  /** Sends fewer bytes at once from now on. What went alone and was the longest cannot be shorter: it has failed. */
  function shorten(error: AssayClientError): void {
    const alone = [...pending.values()].filter(
      (question) => question.sentAt >= openedAt && waiting.goesAlone(question),
    );
    if (alone.length === 0) return waiting.halve();
    const longest = alone.reduce((one, other) => (encodedLength(other) > encodedLength(one) ? other : one));
    fail(longest, error);
  }

  function broken(error: AssayClientError, wasOfUse: boolean): void {
    stream = undefined;
    isFull = false;
    if (isClosed) return;
    if (isMessageTooLong(error)) {
      shorten(error);
      return sendAgain();
    }
    breaks = wasOfUse ? 1 : breaks + 1;
    // A stream ends now and then, as a connection ages: what it says of retrying counts where the next is no better.
    openAt = performance.now() + backOff(breaks, wasOfUse ? 0 : error.retryAfterMs);
    // What it showed of itself may have expired: the next stream shows it anew.
    const mayGoOn = error.code === "UNAVAILABLE" || (wasOfUse && error.code === "UNAUTHENTICATED");
    for (const question of pending.values()) {
      question.failure = error;
      if (!mayGoOn || openAt >= question.deadline) fail(question, error);
    }
    sendAgain();
  }

  function sendAgain(): void {
    waiting.replace([...pending.values()].filter(({ wakeAt, deadline }) => wakeAt === deadline));
    schedule();
  }

  /** Does what is due. @returns when something is due next */
  function ring(now: number): number {
    let next = Infinity;
    for (const question of pending.values()) {
      if (question.deadline <= now) {
        fail(question, question.failure ?? tooLate());
        continue;
      }
      if (question.wakeAt <= now) {
        question.wakeAt = question.deadline;
        waiting.add(question);
      }
      next = Math.min(next, question.wakeAt);
    }
    if (!waiting.isEmpty()) schedule();
    return next;
  }

  return {
    ask,
    pending: () => pending.size,
    close(error) {
      isClosed = true;
      bell.off();
      stream?.cancel();
      for (const question of pending.values()) fail(question, error);
    },
  };
}

function isMessageTooLong({ code, reason, message }: AssayClientError): boolean {
  return code === "RESOURCE_EXHAUSTED" && reason === undefined && MESSAGE_TOO_LONG.test(message);
}

function unknownAnswer(): AssayClientError {
  return new AssayClientError({
    code: "INTERNAL",
    message: "the service answered with neither an answer nor a status",
  });
}

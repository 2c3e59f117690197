import type { AssayClientError } from "./client-error.ts";
import { encodedLength, type Question } from "./encode-items.ts";
import type { IntrospectResponse } from "./gen/assay/v1/token_service.ts";

/** Who asks. One of the two is called, once. */
export type Asker = {
  /** @param askedAt when the question was sent for the last time, as `performance.now` says it */
  answered: (response: IntrospectResponse, askedAt: number) => void;
  failed: (error: AssayClientError) => void;
};

/** Ends a call that is not over. */
export type GiveUp = (error: AssayClientError) => void;

/** A question that is not answered yet. */
export type Asked = Question & {
  asker: Asker;
  /** As `performance.now` says it. */
  deadline: number;
  /** When it is to be sent again, or else its deadline. */
  wakeAt: number;
  sentAt: number;
  /** How often it could not be answered. */
  failures: number;
  /** Why not, the last time. */
  failure: AssayClientError | undefined;
};

export function newQuestion(id: number, token: string, terms: Uint8Array, deadline: number, asker: Asker): Asked {
  return { id, token, terms, asker, deadline, wakeAt: deadline, sentAt: -Infinity, failures: 0, failure: undefined };
}

/** Questions that wait to be sent, the first first. What was given up meanwhile is left out. */
export type QuestionQueue = {
  add: (question: Asked) => void;
  /** In place of all. */
  replace: (questions: Asked[]) => void;
  /** The next message's worth: empty when none waits. */
  take: () => Asked[];
  /** From now on, a message has half the bytes. */
  halve: () => void;
  /** Whether it is longer than a message should be: then it goes alone. */
  goesAlone: (question: Asked) => boolean;
  isEmpty: () => boolean;
  /** How many are held, with those that were given up and not left out yet. */
  length: () => number;
};

/** More would only make the first wait for the last. */
const ITEMS_A_MESSAGE = 64;
/** A quarter of what a service takes by default. */
const BYTES_A_MESSAGE = 131_072;
const LEAST_ROOM = 1_024;

/** @param isOpen whether a question still wants an answer */
export function questionQueue(isOpen: (question: Asked) => boolean): QuestionQueue {
  let questions: Asked[] = [];
  let first = 0;
  let bytesAMessage = BYTES_A_MESSAGE;
  /** Beyond it, what was given up goes: nothing may be written for long, and every call still has its deadline. */
  let room = LEAST_ROOM;

  function replace(others: Asked[]): void {
    questions = others;
    first = 0;
    room = Math.max(LEAST_ROOM, 2 * others.length);
  }

  function take(): Asked[] {
    const taken: Asked[] = [];
    let bytes = 0;
    for (; first < questions.length && taken.length < ITEMS_A_MESSAGE; first += 1) {
      const question = questions[first];
      if (question === undefined || !isOpen(question)) continue;
      bytes += encodedLength(question);
      if (bytes > bytesAMessage && taken.length > 0) break;
      taken.push(question);
    }
    if (first === questions.length) replace([]);
    return taken;
  }

  return {
    add(question) {
      questions.push(question);
      if (questions.length > room) replace(questions.slice(first).filter(isOpen));
    },
    replace,
    take,
    halve: () => {
      bytesAMessage /= 2;
    },
    goesAlone: (question) => encodedLength(question) > bytesAMessage,
    isEmpty: () => first === questions.length,
    length: () => questions.length - first,
  };
}

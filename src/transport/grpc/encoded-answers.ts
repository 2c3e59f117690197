/** Messages around answers that are encoded already: by hand, which costs a fifth of what the library's writer does. */

/** `bytes` are an IntrospectResponse, or the google.rpc.Status of an item that failed. */
export type EncodedAnswer = { bytes: Uint8Array; isFailure?: boolean };

export type ItemAnswer = EncodedAnswer & { id: number };

/** Tags: the number of the field times eight, and 2 for what has a length, 0 for a number. */
const FIRST = 0x0a;
const SECOND = 0x12;
const THIRD = 0x1a;
const FIRST_NUMBER = 0x08;
const CONTINUED = 0x80;
const NOTHING = new Uint8Array();

/** A BatchIntrospectResponse. */
export function encodeBatch(answers: readonly EncodedAnswer[]): Buffer {
  const failures = failuresOf(answers);
  let length = 0;
  for (const answer of answers) length += fieldLength(responseOf(answer).length);
  for (const { id, bytes } of failures) length += fieldLength(itemLength(id, bytes));
  const message = Buffer.allocUnsafe(length);
  let end = 0;
  for (const answer of answers) end = writeField(message, FIRST, responseOf(answer), end);
  for (const failure of failures) end = writeItem(message, SECOND, failure, SECOND, end);
  return message;
}

/** An IntrospectStreamResponse. */
export function encodeStreamAnswers(answers: readonly ItemAnswer[]): Buffer {
  let length = 0;
  for (const { id, bytes } of answers) length += fieldLength(itemLength(id, bytes));
  const message = Buffer.allocUnsafe(length);
  let end = 0;
  for (const answer of answers)
    end = writeItem(message, FIRST, answer, answer.isFailure === true ? THIRD : SECOND, end);
  return message;
}

/** By their places. */
function failuresOf(answers: readonly EncodedAnswer[]): ItemAnswer[] {
  if (!answers.some(isFailure)) return [];
  return answers.map(({ bytes }, id) => ({ id, bytes })).filter(({ id }) => answers[id]?.isFailure === true);
}

function isFailure(answer: EncodedAnswer): boolean {
  return answer.isFailure === true;
}

function responseOf(answer: EncodedAnswer): Uint8Array {
  return answer.isFailure === true ? NOTHING : answer.bytes;
}

/** A number and bytes: an item of a stream, or a failure of a batch. */
function itemLength(id: number, bytes: Uint8Array): number {
  return 1 + varintLength(id) + fieldLength(bytes.length);
}

function fieldLength(length: number): number {
  return 1 + varintLength(length) + length;
}

/** Of a whole number below 2^53. */
function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= CONTINUED; rest = Math.floor(rest / CONTINUED)) length += 1;
  return length;
}

/** Each writes from `start` on, and returns where it has ended. */
function writeItem(message: Buffer, outerTag: number, { id, bytes }: ItemAnswer, tag: number, start: number): number {
  message[start] = outerTag;
  const inner = writeVarint(message, itemLength(id, bytes), start + 1);
  message[inner] = FIRST_NUMBER;
  return writeField(message, tag, bytes, writeVarint(message, id, inner + 1));
}

function writeField(message: Buffer, tag: number, bytes: Uint8Array, start: number): number {
  message[start] = tag;
  const end = writeVarint(message, bytes.length, start + 1);
  message.set(bytes, end);
  return end + bytes.length;
}

function writeVarint(message: Buffer, value: number, start: number): number {
  let [rest, end] = [value, start];
  while (rest >= CONTINUED) {
    message[end] = (rest % CONTINUED) + CONTINUED;
    rest = Math.floor(rest / CONTINUED);
    end += 1;
  }
  message[end] = rest;
  return end + 1;
}

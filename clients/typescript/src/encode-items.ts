/** One question on the stream. */
export type Question = {
  /** From 1. */
  id: number;
  token: string;
  /** The rest of its `IntrospectRequest`, encoded. */
  terms: Uint8Array;
};

/** Of an item, besides its token and terms: four tags, an id of at most 8 bytes, and three lengths of at most 4. */
const GREATEST_FRAME = 24;

/** Field 1 of the message, its items; fields 1 and 2 of an item; field 1 of a request. */
const ITEMS = 0x0a;
const ID = 0x08;
const REQUEST = 0x12;
const TOKEN = 0x0a;

/** The most bytes that it adds to a message. */
export function encodedLength({ token, terms }: Question): number {
  return GREATEST_FRAME + Buffer.byteLength(token) + terms.length;
}

/**
 * An `IntrospectStreamRequest`, written straight into its bytes: the generated code makes an object of each question first, and an
 * array of the parts of each. A test compares the two.
 */
export function encodeItems(questions: readonly Question[]): Buffer {
  const bytes = Buffer.allocUnsafe(questions.reduce((sum, question) => sum + encodedLength(question), 0));
  let at = 0;
  const varint = (value: number): void => {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
    bytes[at++] = rest;
  };
  for (const { id, token, terms } of questions) {
    const tokenLength = Buffer.byteLength(token);
    const requestLength = 1 + varintLength(tokenLength) + tokenLength + terms.length;
    const itemLength = 1 + varintLength(id) + 1 + varintLength(requestLength) + requestLength;
    bytes[at++] = ITEMS;
    varint(itemLength);
    bytes[at++] = ID;
    varint(id);
    bytes[at++] = REQUEST;
    varint(requestLength);
    bytes[at++] = TOKEN;
    varint(tokenLength);
    at += bytes.write(token, at, "utf8");
    bytes.set(terms, at);
    at += terms.length;
  }
  return bytes.subarray(0, at);
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}

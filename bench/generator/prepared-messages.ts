import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { FLAG, frame, grpcMessage, TYPE } from "../../test/support/http2-frames.ts";

/** A message as it will be sent, and which of its items must come back active. */
export type Message = { bytes: Uint8Array; active: readonly boolean[] };

/** Some may be made while others are written. */
export type Messages = AsyncIterable<Message> | Iterable<Message>;

export type PreparedMessages = {
  readonly length: number;
  /** The DATA frames of a message, their stream still 0. */
  body(index: number): Buffer;
  /** Whether each of its items must come back active, 1 or 0. */
  active(index: number): Uint8Array;
};

/** RFC 9113 section 6.5.2: what every peer takes. */
export const GREATEST_FRAME = 16_384;
const WRITE_BYTES = 4 * 1_024 * 1_024;
/** Length of the body, number of items. */
const RECORD_HEAD = 6;

/**
 * Writes messages as whole frames, so that a generator only copies them and says the stream.
 * @param endsStream a message is all that its call sends
 */
export async function prepareMessages(path: string, messages: Messages, endsStream: boolean): Promise<void> {
  const file = openSync(path, "w");
  let pending: Buffer[] = [];
  let bytes = 0;
  const flush = (): void => {
    writeSync(file, Buffer.concat(pending));
    [pending, bytes] = [[], 0];
  };
  for await (const { bytes: message, active } of messages) {
    const body = dataFrames(Buffer.from(message), endsStream);
    const head = Buffer.alloc(RECORD_HEAD);
    head.writeUInt32LE(body.length);
    head.writeUInt16LE(active.length, 4);
    pending.push(head, Buffer.from(active.map(Number)), body);
    bytes += body.length;
    if (bytes > WRITE_BYTES) flush();
  }
  flush();
  closeSync(file);
}

export function readMessages(path: string): PreparedMessages {
  const file = readFileSync(path);
  const places: number[] = [];
  for (let place = 0; place < file.length;) {
    places.push(place);
    place += RECORD_HEAD + file.readUInt16LE(place + 4) + file.readUInt32LE(place);
  }
  const placeOf = (index: number): number => places[index] ?? 0;
  return {
    length: places.length,
    body: (index) => {
      const place = placeOf(index);
      const begin = place + RECORD_HEAD + file.readUInt16LE(place + 4);
      return file.subarray(begin, begin + file.readUInt32LE(place));
    },
    active: (index) => {
      const begin = placeOf(index) + RECORD_HEAD;
      return file.subarray(begin, begin + file.readUInt16LE(begin - 2));
    },
  };
}

function dataFrames(message: Buffer, endsStream: boolean): Buffer {
  const framed = grpcMessage(message);
  const frames: Buffer[] = [];
  for (let begin = 0; begin < framed.length; begin += GREATEST_FRAME) {
    const isLast = begin + GREATEST_FRAME >= framed.length;
    const payload = framed.subarray(begin, begin + GREATEST_FRAME);
    frames.push(frame(TYPE.data, { flags: isLast && endsStream ? FLAG.endStream : 0, payload }));
  }
  return Buffer.concat(frames);
}

import type { Socket } from "node:net";

export type Output = {
  /** Copies them. */
  write(bytes: Buffer): void;
  /** The same for whole frames that are made beforehand, on this stream. */
  writeFrames(frames: Buffer, stream: number): void;
};

const CAPACITY = 65_536;
const HEAD = 9;

/** Gathers what is written in one turn of the event loop, and hands it to the socket at once. */
export function outputOf(socket: Socket): Output {
  let gathered = Buffer.allocUnsafe(CAPACITY);
  let length = 0;
  const flush = (): void => {
    if (length === 0) return;
    socket.write(gathered.subarray(0, length));
    // The socket keeps what it was given.
    gathered = Buffer.allocUnsafe(CAPACITY);
    length = 0;
  };
  const reserve = (bytes: number): number => {
    if (length === 0) process.nextTick(flush);
    if (length + bytes > gathered.length) {
      flush();
      if (bytes > CAPACITY) gathered = Buffer.allocUnsafe(bytes);
    }
    const place = length;
    length += bytes;
    return place;
  };
  return {
    write: (bytes) => {
      bytes.copy(gathered, reserve(bytes.length));
    },
    writeFrames: (frames, stream) => {
      const begin = reserve(frames.length);
      frames.copy(gathered, begin);
      for (let place = begin; place < begin + frames.length; place += HEAD + gathered.readUIntBE(place, 3))
        gathered.writeUInt32BE(stream, place + 5);
    },
  };
}

/** A frame of HTTP/2 (RFC 9113 section 4.1). */
export type Frame = { type: number; flags: number; stream: number; payload: Buffer };

const HEAD = 9;

/** Takes chunks as they come, and tells each frame that is whole. */
export function frameReader(tell: (frame: Frame) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let place = 0;
    while (bytes.length - place >= HEAD) {
      const end = place + HEAD + bytes.readUIntBE(place, 3);
      if (end > bytes.length) break;
      tell({
        type: bytes.readUInt8(place + 3),
        flags: bytes.readUInt8(place + 4),
        stream: bytes.readUInt32BE(place + 5) & 0x7f_ff_ff_ff,
        payload: bytes.subarray(place + HEAD, end),
      });
      place = end;
    }
    rest = bytes.subarray(place);
  };
}

/** Takes the payloads of DATA frames, and tells each gRPC message that is whole. */
export function messageReader(tell: (message: Buffer) => void): (payload: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (payload) => {
    const bytes = rest.length === 0 ? payload : Buffer.concat([rest, payload]);
    let place = 0;
    while (bytes.length - place >= GRPC_HEAD) {
      const end = place + GRPC_HEAD + bytes.readUInt32BE(place + 1);
      if (end > bytes.length) break;
      tell(bytes.subarray(place + GRPC_HEAD, end));
      place = end;
    }
    rest = bytes.subarray(place);
  };
}

const GRPC_HEAD = 5;

import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { LoadResult, Side } from "./pairs.ts";

/** One caller's stream of calls. Sees each answer before it makes the next request, as a refreshing client must. */
export type Caller = {
  /** The next request message, encoded. */
  next(): Buffer;
  /** The answer's message. Throws when it is not what it should be. */
  check(answer: Buffer): void;
};

export type Load = {
  origin: string;
  path: string;
  metadata: Readonly<Record<string, string>>;
  callers: readonly Caller[];
  milliseconds: number;
};

const SESSIONS = 2;
const FRAME_HEADER_LENGTH = 5;

/** For what a caller must decode, or remember, before it asks again; else the generator in `generator/` is ten times as fast. */
export function http2Side(pid: number, load: Omit<Load, "milliseconds">): Side {
  return { pid, run: (milliseconds) => generateLoad({ ...load, milliseconds }) };
}

/** Closed loop over raw HTTP/2: each caller has one call in flight. Any status but OK ends the run. */
async function generateLoad(load: Load): Promise<LoadResult> {
  const sessions = Array.from({ length: SESSIONS }, () => connect(load.origin));
  const headers = {
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: load.path,
    "content-type": "application/grpc",
    te: "trailers",
    ...load.metadata,
  };
  const start = performance.now();
  const end = start + load.milliseconds;
  let calls = 0;
  try {
    await Promise.all(
      load.callers.map(async (caller, index) => {
        const session = sessions[index % SESSIONS];
        if (session === undefined) throw new Error("no session");
        while (performance.now() < end) {
          caller.check(await call(session, headers, caller.next()));
          calls++;
        }
      }),
    );
  } finally {
    for (const session of sessions) session.close();
  }
  return { calls, seconds: (performance.now() - start) / 1_000 };
}

/** One unary gRPC call; resolves with the message of the answer. */
export function call(session: ClientHttp2Session, headers: OutgoingHttpHeaders, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    const chunks: Buffer[] = [];
    let status: string | undefined;
    let text: string | undefined;
    const readStatus = (block: IncomingHttpHeaders) => {
      status ??= block["grpc-status"]?.toString();
      text ??= block["grpc-message"]?.toString();
    };
    stream.on("response", readStatus);
    stream.on("trailers", readStatus);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      if (status === "0") resolve(Buffer.concat(chunks).subarray(FRAME_HEADER_LENGTH));
      else reject(new Error(`status ${status ?? "missing"}: ${text ?? ""}`));
    });
    stream.end(frame(message));
  });
}

function frame(message: Buffer): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_LENGTH);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

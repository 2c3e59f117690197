import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One keep-alive connection's requests: one in flight, the next when the answer has been checked. */
export type Http1Caller = {
  /** The whole request: head and body. */
  next: () => Buffer;
  /** The answer's body. Throws when it is not what it should be. */
  check: (body: Buffer) => void;
};

export type Http1Load = { port: number; callers: readonly Http1Caller[]; milliseconds: number };

const HEAD_END = Buffer.from("\r\n\r\n");
const OK = "HTTP/1.1 200 ";
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Closed loop over sockets: requests are encoded beforehand, and of an answer no more is read than its status, length and body. */
export async function generateHttp1Load(load: Http1Load): Promise<{ calls: number; seconds: number }> {
  const sockets = await Promise.all(load.callers.map(async () => connected(load.port)));
  const start = performance.now();
  const end = start + load.milliseconds;
  try {
    const calls = await Promise.all(
      load.callers.map(async (caller, index) => {
        const socket = sockets[index];
        if (socket === undefined) throw new Error("no connection");
        return callUntil(end, socket, caller);
      }),
    );
    return { calls: calls.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - start) / 1_000 };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

async function callUntil(end: number, socket: Socket, caller: Http1Caller): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let calls = 0;
  let received: Buffer = Buffer.alloc(0);
  const step = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const body = completeBody(received);
    if (body === undefined) return;
    caller.check(body);
    received = Buffer.alloc(0);
    calls++;
    if (performance.now() < end) socket.write(caller.next());
    else resolve(calls);
  };
  socket.on("data", (chunk: Buffer) => {
    try {
      step(chunk);
    } catch (error) {
      reject(error);
    }
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("the peer closed the connection")));
  socket.write(caller.next());
  return promise;
}

/** Undefined while it is not all there. */
function completeBody(received: Buffer): Buffer | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = received.toString("latin1", 0, headEnd);
  const length = LENGTH.exec(head)?.[1];
  if (!head.startsWith(OK) || length === undefined) throw new Error(`an answer that is none: ${head}`);
  const start = headEnd + HEAD_END.length;
  return received.length < start + Number(length) ? undefined : received.subarray(start, start + Number(length));
}

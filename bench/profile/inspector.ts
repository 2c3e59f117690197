import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** Sends a command of the Chrome DevTools Protocol to a Node process; resolves with its result. */
export type Inspector = {
  send(method: string, params?: object): Promise<unknown>;
  close(): Promise<void>;
};

const HOST = "127.0.0.1";
const PATIENCE_MS = 5_000;
const RETRY_MS = 20;

const targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const answer = z.object({ id: z.number(), result: z.looseObject({}) });

/** For the environment of processes that may be asked to open their inspector: they open it on this port. */
export function inspectorOption(port: number): string {
  return `--inspect-port=${HOST}:${port}`;
}

/** Has a process that was started with `inspectorOption` open its inspector, as every Node does upon SIGUSR1. */
export async function openInspector(pid: number, port: number): Promise<Inspector> {
  process.kill(pid, "SIGUSR1");
  const socket = new WebSocket(await addressOf(port));
  await once(socket, "open");
  const waiting = new Map<number, (result: unknown) => void>();
  let count = 0;
  socket.addEventListener("message", ({ data }) => {
    const { success, data: told } = answer.safeParse(JSON.parse(String(data)));
    // What has no id is an event.
    if (success) waiting.get(told.id)?.(told.result);
  });
  const send = (method: string, params: object = {}): Promise<unknown> => {
    const id = count++;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  return {
    send,
    close: async () => {
      // The next process is to have the port. Not at once: an inspector that closes waits for its connections.
      const expression = "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 50)";
      await send("Runtime.evaluate", { expression });
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

async function addressOf(port: number): Promise<string> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const response = await fetch(`http://${HOST}:${port}/json/list`);
      const [target] = targets.parse(await response.json());
      if (target !== undefined) return target.webSocketDebuggerUrl;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(RETRY_MS);
  }
}

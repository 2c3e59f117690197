import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "../../core/ports.ts";
import type { WriteAnswer, WriteError } from "./group-commit.ts";
import { monotonicMs } from "./monotonic.ts";
import { operationError, storeUnavailable } from "./sqlite-error.ts";
import { withOwnMemory } from "./own-memory.ts";
import type { WriterData, WriterMessage } from "./writer-thread.ts";
import type { WriteArgument, WriteName, WriteResult } from "./writes.ts";

export type WriterOptions = {
  path: string;
  /** Within this time each write is answered, whatever holds it up. */
  timeoutMs: number;
  wallClock: Clock;
  /** Called once, when the thread has ended without being told to. */
  ended(cause: unknown): void;
};

export type Writer = {
  /**
   * Resolves when it is durable.
   * @throws AssayError `store_unavailable` (outcome unknown), `store_full` (nothing written)
   */
  write<Name extends WriteName>(write: Name, of: WriteArgument<Name>): Promise<WriteResult<Name>>;
  /** Ends the thread after everything that it was asked. */
  close(): Promise<void>;
};

type Waiting = { resolve: (result: never) => void; reject: (error: unknown) => void; timer: NodeJS.Timeout };

/** More than are ever waited for within the time limit; they take a few megabytes. */
const MOST_QUEUED = 4_096;

/** How long the end of a thread that does not answer is waited for, in milliseconds. */
const END_MS = 5_000;

/** The lock of another process is waited for a little shorter than an answer, so that the answer can say so. */
const BUSY_SHARE = 0.8;

/** Starts the thread that writes. @throws what kept it from opening the file */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  const { path, timeoutMs } = options;
  const data: WriterData = { path, busyMs: Math.floor(timeoutMs * BUSY_SHARE) };
  const worker = new Worker(threadFile(), { workerData: data, name: "sqlite writer", execArgv: [] });
  await once(worker, "message");
  worker.unref();

  const waiting = new Map<number, Waiting>();
  let [lastId, queued, isOpen] = [0, 0, true];
  /** What has been asked in this turn. */
  let asked: unknown[] = [];

  function settle({ id, ...answer }: WriteAnswer): void {
    queued -= 1;
    const waits = waiting.get(id);
    if (waits !== undefined) {
      waiting.delete(id);
      clearTimeout(waits.timer);
      if ("result" in answer) waits.resolve(answer.result);
      else waits.reject(operationError(revived(answer.error)));
    }
  }

  function end(cause: unknown): void {
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(storeUnavailable(cause));
    }
    waiting.clear();
    if (isOpen) {
      isOpen = false;
      options.ended(cause);
    }
  }

  worker.on("message", (answers: WriteAnswer[]) => answers.forEach(settle));
  worker.on("error", end);
  const exited = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      end(new Error("the writing thread has ended"));
      resolve();
    });
  });

  function ask(id: number, write: WriteName, of: unknown): void {
    const deadline = monotonicMs() + timeoutMs;
    if (asked.length === 0) queueMicrotask(send);
    asked.push({ id, write, of: withOwnMemory(of), deadline, wallNow: options.wallClock.now() });
    queued += 1;
  }

  function send(): void {
    if (asked.length > 0) worker.postMessage(asked, []);
    asked = [];
  }

  function giveUp(id: number): void {
    waiting.get(id)?.reject(storeUnavailable(new Error("the write took too long: its outcome is not known")));
    waiting.delete(id);
  }

  return {
    write(write, of) {
      if (!isOpen) throw storeUnavailable(new Error("the store has been closed"));
      if (queued >= MOST_QUEUED) throw storeUnavailable(new Error("too many writes are waiting already"));
      lastId += 1;
      const id = lastId;
      const { promise, resolve, reject } = Promise.withResolvers<WriteResult<typeof write>>();
      // Where it was this thread that was late, the answer is there already, and comes before an immediate.
      const timer = setTimeout(() => setImmediate(giveUp, id), timeoutMs);
      waiting.set(id, { resolve, reject, timer });
      ask(id, write, of);
      return promise;
    },
    async close() {
      if (isOpen) {
        isOpen = false;
        send();
        worker.postMessage("close" satisfies WriterMessage, []);
      }
      worker.ref();
      const patience = setTimeout(() => void worker.terminate(), Math.max(END_MS, timeoutMs));
      await exited;
      clearTimeout(patience);
    },
  };
}

/** Beside this file: a source, or what was built of it. */
function threadFile(): URL {
  return new URL(`./writer-thread${extname(import.meta.url)}`, import.meta.url);
}

function revived({ message, errcode }: WriteError): Error {
  return Object.assign(new Error(message), errcode === undefined ? {} : { errcode });
}

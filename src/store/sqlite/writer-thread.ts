/** The one thread of a process that writes: whatever has come while it was writing goes into the next commit. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { openForWriting } from "./connection.ts";
import { freshCache } from "./fresh-cache.ts";
import { commitTogether, type WriteRequest } from "./group-commit.ts";

export type WriterData = { path: string; busyMs: number };

/** What the thread is sent: what was asked in one turn, or that nothing more comes. */
export type WriterMessage = WriteRequest[] | "close";

/** Messages: so that the first of many does not wait for all of them. */
const MOST_AT_ONCE = 500;

if (parentPort !== null) {
  const port = parentPort;
  const { path, busyMs }: WriterData = workerData;
  const connection = { ...openForWriting(path, busyMs), lastBeat: 0 };
  const refresh = freshCache(connection, path);
  port.on("message", (first: WriterMessage) => {
    const messages = [first];
    while (messages.length < MOST_AT_ONCE) {
      const next: { message: WriterMessage } | undefined = receiveMessageOnPort(port);
      if (next === undefined) {
        break;
      }
      messages.push(next.message);
    }
    const asked = messages.filter((message) => message !== "close");
    if (asked.length > 0) {
      refresh();
      port.postMessage(commitTogether(connection, asked.flat()), []);
    }
    if (asked.length < messages.length) {
      connection.database.close();
      port.close();
    }
  });
  port.postMessage([], []);
}

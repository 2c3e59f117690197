import { closedLoop } from "./closed-loop.ts";
import type { Connection } from "./connection.ts";
import type { Load, RunRequest, RunResult } from "./load.ts";
import { openLoop } from "./open-loop.ts";
import type { PreparedMessages } from "./prepared-messages.ts";
import { streamLoop } from "./stream-loop.ts";

export type Running = {
  load: Load;
  connections: readonly Connection[];
  messages: PreparedMessages;
  /** The place of the next message in the rotation, which goes on from run to run. */
  next: () => number;
};

/** Rejects, or throws where an answer comes, when anything but what is expected is answered. */
export function runLoad(running: Running, request: RunRequest): Promise<RunResult> {
  const users = request.users ?? running.load.users;
  const asked = { ...running, load: { ...running.load, users } };
  if (running.load.kind === "stream") return streamLoop(asked, request.milliseconds);
  return request.rate === undefined ? closedLoop(asked, request) : openLoop(asked, request.milliseconds, request.rate);
}

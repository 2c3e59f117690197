/**
 * A load generator, a process of its own so that it shares no processor with what it measures. Started with a load as JSON; tells
 * when its connections are open, then does each run that it is sent, on the same connections.
 */
import { openConnection } from "./connection.ts";
import type { Load, RunRequest, RunResult } from "./load.ts";
import { readMessages } from "./prepared-messages.ts";
import { runLoad } from "./run-load.ts";

export type Told = "ready" | RunResult;

const load: Load = JSON.parse(process.argv[2] ?? "{}");
const messages = readMessages(load.messages);
const connections = await Promise.all(Array.from({ length: load.connections }, () => openConnection(load)));
let place = 0;
const next = (): number => place++ % messages.length;

process.on("message", (request: RunRequest) => {
  void runLoad({ load, connections, messages, next }, request).then(tell);
});
process.on("disconnect", () => {
  for (const connection of connections) connection.close();
});
tell("ready");

function tell(told: Told): void {
  process.send?.(told);
}

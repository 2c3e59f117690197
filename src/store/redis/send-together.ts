import { Command, type Redis } from "ioredis";

export type ToSend = { name: string; parameters: readonly (Buffer | number | string)[]; wantsBuffers?: boolean };

export type Reply = readonly [error: Error | undefined, reply?: unknown];

/**
 * Sends commands in one go on one connection, on which nothing comes between them. Resolves when it has answered all of them, or was
 * closed: how long who asked waits is their own affair, and what is still on its way is known to be.
 */
export async function sendTogether(node: Redis, commands: readonly ToSend[]): Promise<Reply[]> {
  // One write, and so one fsync of the server.
  const stream = node.status === "ready" ? node.stream : undefined;
  stream?.cork();
  const sent = commands.map(({ name, parameters, wantsBuffers = false }) => {
    const command = new PatientCommand(name, [...parameters], { replyEncoding: wantsBuffers ? null : "utf8" });
    void node.sendCommand(command);
    return command.promise;
  });
  stream?.uncork();
  const replies = await Promise.allSettled(sent);
  return replies.map((one) => (one.status === "fulfilled" ? [undefined, one.value] : [asError(one.reason)]));
}

class PatientCommand extends Command {
  /** As one text with a character for each byte: the client's own way is to add up to thirty buffers, at four times the cost. */
  override toWritable(): Buffer {
    let text = `*${this.args.length + 1}\r\n${bulk(this.name)}`;
    for (const argument of this.args) text += bulk(argument);
    return Buffer.from(text, "latin1");
  }

  /** The client's time limit would settle it before its reply is there. */
  override setTimeout(): void {
    // Its connection's limit for silence ends it.
  }
}

/** Numbers are text by now. */
function bulk(argument: unknown): string {
  const bytes = Buffer.isBuffer(argument) ? argument.toString("latin1") : bytesOf(String(argument));
  return `$${bytes.length}\r\n${bytes}\r\n`;
}

function bytesOf(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString("latin1");
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

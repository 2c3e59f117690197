/** What browsers are told as it happens: server-sent events, to as many as may watch at once. */
import type { ServerResponse } from "node:http";

export type ServerEvent = { name: "hello" | "tick" | "signal"; data: unknown };

export type EventStreams = {
  /** Begins with `first`. @returns false where as many watch as may */
  open(response: ServerResponse, first: ServerEvent): boolean;
  tell(event: ServerEvent): void;
  isWatched(): boolean;
  closeAll(): void;
};

const MOST = 32;
/** Who does not read is cut off. */
const MOST_UNREAD_BYTES = 1_048_576;
/** How soon a browser that lost the connection tries again. */
const RETRY_MS = 1_000;

export function eventStreams(): EventStreams {
  const open = new Set<ServerResponse>();
  return {
    open(response, first) {
      if (open.size >= MOST) return false;
      open.add(response);
      response.once("close", () => open.delete(response));
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      write(response, `retry: ${RETRY_MS}\n\n${textOf(first)}`);
      return true;
    },
    tell(event) {
      if (open.size === 0) return;
      const text = textOf(event);
      for (const response of open) write(response, text);
    },
    isWatched: () => open.size > 0,
    closeAll() {
      for (const response of open) response.destroy();
    },
  };
}

function write(response: ServerResponse, text: string): void {
  response.write(text);
  if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
}

/** JSON holds no line break. */
function textOf({ name, data }: ServerEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

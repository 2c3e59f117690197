import type { Socket } from "node:net";

export type ConnectionSet = {
  /** Kept until it closes. */
  add(socket: Socket): void;
  destroyAll(): void;
  /** Resolves when none is left. */
  emptied(): Promise<void>;
};

export function connectionSet(): ConnectionSet {
  const open = new Set<Socket>();
  const waiting: (() => void)[] = [];
  const settle = (): void => {
    if (open.size === 0) for (const resolve of waiting.splice(0)) resolve();
  };
  return {
    add(socket) {
      open.add(socket);
      // A broken connection is the peer's affair, and an error that nobody hears would end the process.
      socket.on("error", () => undefined);
      socket.once("close", () => {
        open.delete(socket);
        settle();
      });
    },
    destroyAll() {
      for (const socket of open) socket.destroy();
    },
    emptied() {
      return new Promise((resolve) => {
        waiting.push(resolve);
        settle();
      });
    },
  };
}

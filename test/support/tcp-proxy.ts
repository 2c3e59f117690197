/** A TCP proxy that can partition: stop forwarding, in either direction, without closing anything. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type Direction = "both" | "to-client" | "to-server";

export type TcpProxy = {
  port: number;
  /** What is sent from now on is kept back, and so is every end and every new connection. */
  hold(direction?: Direction): void;
  /** What was kept back arrives. */
  resume(): void;
  /** Resets every connection; new ones are let through. */
  cut(): void;
  /** Has no more connections, and takes no more. */
  close(): Promise<void>;
};

type Pair = { client: Socket; server: Socket };

/** @param target the port on this machine that it forwards to */
export async function startTcpProxy(target: number, port = 0): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let held: Direction | undefined;

  function apply({ client, server }: Pair): void {
    flow(client, held !== "both" && held !== "to-server");
    flow(server, held !== "both" && held !== "to-client");
    if (held === undefined && (client.destroyed || server.destroyed)) {
      client.destroy();
      server.destroy();
    }
  }

  const listener = createServer((client) => {
    const pair = { client, server: connect(target, "127.0.0.1") };
    pairs.add(pair);
    join(client, pair.server, pair);
    join(pair.server, client, pair);
    apply(pair);
  });

  function join(from: Socket, to: Socket, pair: Pair): void {
    from.setNoDelay(true);
    from.on("data", (bytes) => void to.write(bytes));
    from.on("error", () => undefined);
    from.on("close", () => {
      // A partition lets nobody know.
      if (held === undefined) {
        to.destroy();
        pairs.delete(pair);
      }
    });
  }

  function cut(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    pairs.clear();
  }

  listener.listen(port, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") {
    throw new Error("a TCP server has a port");
  }
  return {
    port: address.port,
    hold(direction = "both") {
      held = direction;
      pairs.forEach(apply);
    },
    resume() {
      held = undefined;
      pairs.forEach(apply);
    },
    cut,
    async close() {
      held = undefined;
      cut();
      listener.close();
      await once(listener, "close");
    },
  };
}

function flow(socket: Socket, isFree: boolean): void {
  if (isFree) {
    socket.resume();
  } else {
    socket.pause();
  }
}

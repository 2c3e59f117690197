import { createServer, type RequestListener } from "node:http";

export type RestartableServer = {
  /** `http://127.0.0.1:PORT`, for as long as the test runs. */
  origin: string;
  /** Closes the port and every connection. */
  down(): Promise<void>;
  /** On the same port again. */
  up(): Promise<void>;
};

/** A real HTTP server on a free port of loopback. */
export async function startRestartableServer(listener: RequestListener): Promise<RestartableServer> {
  const server = createServer(listener);
  const listen = async (port: number): Promise<number> => {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("not listening on a port");
    return address.port;
  };
  const port = await listen(0);
  return {
    origin: `http://127.0.0.1:${port}`,
    down: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    up: async () => void (await listen(port)),
  };
}

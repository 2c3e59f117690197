import { StartError } from "../../core/start-error.ts";
import { type ConnectionSettings, createConnections, type RedisConnections } from "./connections.ts";
import { isRefusal } from "./redis-error.ts";

const CONNECT_MS = 5_000;

/**
 * One piece of work on connections of its own, which changes nothing by itself.
 * @throws StartError when Redis cannot be reached, or the URL is malformed
 */
export async function connected<T>(
  options: ConnectionSettings,
  work: (connections: RedisConnections) => Promise<T>,
): Promise<T> {
  const connections = createConnections(options);
  try {
    await ready(connections);
    return await work(connections);
  } finally {
    await connections.close();
  }
}

/** @throws StartError */
async function ready(connections: RedisConnections): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let because = "there is no answer";
  const deadline = setTimeout(() => {
    reject(
      new StartError(
        `The Redis at ${connections.address} cannot be reached (${because}). Start it, or correct store.url.`,
      ),
    );
  }, CONNECT_MS);
  connections.start({
    ready: resolve,
    away(told) {
      because = told;
      if (isRefusal(told)) {
        reject(
          new StartError(
            `The Redis at ${connections.address} refuses this user (${told}). Correct the user and password in store.url, or its ACL.`,
          ),
        );
      }
    },
  });
  await promise.finally(() => clearTimeout(deadline));
}

import type { Redis } from "ioredis";
import { type ClientOptions, createBlockingClient, createClient } from "./client.ts";
import { type Nodes, NO_ERROR } from "./nodes.ts";
import { messageOf } from "./redis-error.ts";
import type { Place } from "./redis-url.ts";

/**
 * One server, or the one that Sentinels name now.
 * @param locate asks them
 */
export function singleNode(options: ClientOptions, locate?: () => Promise<Place>): Nodes {
  let present: Place | undefined;
  const located =
    locate &&
    (async () => {
      present = await locate();
      return present;
    });
  const client = createClient(options, located);
  let lastError = NO_ERROR;
  return {
    client,
    holderOf: () => client,
    at: () => undefined,
    primaries: () => [client],
    blocking: () => createBlockingClient(options, options.target.places[0], locate),
    refresh: () => undefined,
    leads({ host, port }) {
      if (client.status === "ready" && (present?.host !== host || present.port !== port)) {
        client.disconnect(true);
      }
    },
    isReady: () => client.status === "ready",
    start({ ready, away }) {
      client.on("error", (error: unknown) => {
        lastError = messageOf(error);
      });
      client.on("ready", () => {
        lastError = NO_ERROR;
        ready();
      });
      client.on("close", () => away(lastError));
      // Its outcome arrives as "ready" or "close".
      client.connect().catch(() => undefined);
    },
    close: () => hangUp(client),
  };
}

/** Lets replies that are on their way arrive. */
async function hangUp(client: Redis): Promise<void> {
  try {
    await client.quit();
  } catch {
    client.disconnect();
  }
}

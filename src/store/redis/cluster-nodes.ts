import { Command, type Redis } from "ioredis";
import { type ClientOptions, createBlockingClient, createCluster, createNode } from "./client.ts";
import { type Nodes, NO_ERROR } from "./nodes.ts";
import { messageOf } from "./redis-error.ts";
import { type Place, placeFrom } from "./redis-url.ts";

/** How soon those who are left are asked who took the place of a node that went. */
const LOST_INTERVAL_MS = 250;

/** What ioredis says of commands that were under way. */
const CLOSED = "Connection is closed.";

/** @param vital the store is away while nobody can be asked for this key */
export function clusterNodes(options: ClientOptions, vital: string): Nodes {
  let lastError = NO_ERROR;
  const cluster = createCluster(options);
  const strays = new Map<string, Redis>();
  let lost: NodeJS.Timeout | undefined;

  function known(key: string): Redis | undefined {
    return cluster.nodes("all").find((node) => keyOf(node) === key);
  }

  function holderOf(key: string): Redis | undefined {
    const [primary] = cluster.slots[slotOf(key)] ?? [];
    return primary === undefined ? undefined : known(primary);
  }

  /** Whom a redirection names may hold no slot yet: then the Cluster's client does not know it. */
  function stray(place: Place): Redis {
    const key = `${place.host}:${place.port}`;
    const node = strays.get(key) ?? createNode(options, place);
    strays.set(key, node);
    node.once("end", () => strays.delete(key));
    return node;
  }

  /** That a connection was closed follows from what was said before, if anything was. */
  function note(error: unknown): void {
    const message = messageOf(error);
    if (lastError === NO_ERROR || message !== CLOSED) lastError = message;
  }

  function isReady(): boolean {
    return cluster.status === "ready" && holderOf(vital)?.status === "ready";
  }

  /** Before the first command, which would find it connecting: not before ioredis itself has asked whether the Cluster is whole. */
  function connectNow(node: Redis): void {
    if (cluster.status === "ready" && node.status === "wait") {
      node.connect().catch(() => undefined);
    }
  }

  return {
    client: cluster,
    holderOf,
    at: (place) => known(`${place.host}:${place.port}`) ?? stray(place),
    primaries: () => cluster.nodes("master"),
    blocking(key) {
      const [primary] = cluster.slots[slotOf(key)] ?? [];
      return primary === undefined ? undefined : createBlockingClient(options, placeFrom(primary));
    },
    refresh: () => cluster.refreshSlotsCache(),
    leads: () => undefined,
    isReady,
    start({ ready, away }) {
      let asked: Redis | undefined;
      /** Says what has changed, if anything has. */
      function look(): void {
        const now = isReady() ? holderOf(vital) : undefined;
        if (now === asked) {
          return;
        }
        if (asked !== undefined || now === undefined) {
          away(lastError);
        }
        asked = now;
        if (now !== undefined) {
          lastError = NO_ERROR;
          ready();
        }
      }
      function lookAgain(): void {
        look();
        if (asked === undefined && cluster.status === "ready") {
          cluster.refreshSlotsCache();
        }
      }
      cluster.on("error", note);
      cluster.on("node error", note);
      cluster.on("+node", (node: Redis) => {
        hearAsking(node);
        node.on("ready", look);
        node.on("close", look);
        connectNow(node);
      });
      cluster.on("-node", lookAgain);
      cluster.on("refresh", look);
      cluster.on("ready", () => {
        cluster.nodes("all").forEach(connectNow);
        look();
      });
      cluster.on("close", () => (asked === undefined ? away(lastError) : look()));
      lost = setInterval(lookAgain, LOST_INTERVAL_MS).unref();
      cluster.connect().catch(note);
    },
    async close() {
      clearInterval(lost);
      for (const node of strays.values()) {
        node.disconnect();
      }
      await cluster.quit().catch(() => undefined);
      cluster.disconnect();
    },
  };
}

/** ioredis drops what comes of its own ASKING: one that fails with its connection would end the process. The command behind it fails too. */
function hearAsking(node: Redis): void {
  const ask = node.asking.bind(node);
  node.asking = (...parameters) => {
    const asked = ask(...parameters);
    asked.catch(() => undefined);
    return asked;
  };
}

function keyOf({ options: { host = "", port = 0 } }: Redis): string {
  return `${host}:${port}`;
}

function slotOf(key: string): number {
  return new Command("GET", [key]).getSlot() ?? 0;
}

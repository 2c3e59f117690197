import type { ConnectionOptions } from "node:tls";
import type { Cluster, Redis } from "ioredis";
import { type ClientOptions } from "./client.ts";
import { clusterNodes } from "./cluster-nodes.ts";
import { REVOCATIONS } from "./keys.ts";
import type { Nodes, NodesListener } from "./nodes.ts";
import { storeUnavailable } from "./redis-error.ts";
import { parseRedisUrl } from "./redis-url.ts";
import { type RunScript, scriptRunner } from "./script-runs.ts";
import { startSentinels, type Sentinels } from "./sentinels.ts";
import { singleNode } from "./single-node.ts";
import { type Reads, turnReads } from "./turn-reads.ts";

export type ConnectionSettings = {
  /** See `parseRedisUrl`. */
  url: string;
  /** How long one operation may take before it fails, in milliseconds. */
  timeoutMs: number;
  /** How many replicas must have every durable write; 0 or absent: what the primary has is durable. */
  replicas?: number;
  /** For `rediss` URLs: what Node's `tls.connect` takes. */
  tls?: Pick<ConnectionOptions, "ca" | "cert" | "key" | "servername">;
  /** Allow plaintext to other machines. */
  allowPlaintext?: boolean;
  sentinelUsername?: string;
  sentinelPassword?: string;
};

export type RedisConnections = {
  kind: "cluster" | "sentinel" | "standalone";
  /** The listed hosts and ports, for logs and messages. */
  address: string;
  /** How many replicas must have every durable write. 0: durable is what the primary has. */
  replicas: number;
  /** For reads: every key's node. */
  commands: Cluster | Redis;
  /** For the reads of requests. */
  reads: Reads;
  /**
   * Runs one script at the node that holds its first key, whose other keys share its slot. Where replicas are promised, WAIT follows
   * on the same connection, one for all the scripts that were asked while the last ones were answered. Follows a Cluster's redirections,
   * which tell that nothing was done; never repeats what may have been done.
   * @returns the script's reply, for `script-replies.ts`
   * @throws AssayError `store_unavailable` (outcome unknown), `store_full` (nothing written)
   */
  durably: RunScript;
  /** As `durably`, without waiting for replicas. */
  run: RunScript;
  /**
   * A connection of its own to the node that holds the key now, for reads that block for less than 5 s. It is closed when that node
   * is left. When it is, or answers MOVED, `disconnect` it and ask for another.
   * @throws AssayError `store_unavailable` while no node is known to hold the key
   */
  dedicated(key: string): Redis;
  /** Who holds the revocations. Undefined while nobody is known to. */
  holder: () => Redis | undefined;
  /** Every primary that holds something: one, but in a Cluster. For INFO and CONFIG. */
  primaries(): readonly Redis[];
  sentinels: Sentinels | undefined;
  isReady(): boolean;
  /** Connects, and goes on doing so for ever. */
  start(listener: NodesListener): void;
  close(): Promise<void>;
};

/** The connections to one server, to the primary that Sentinels name, or to a Cluster. @throws StartError for a malformed URL */
export function createConnections(settings: ConnectionSettings): RedisConnections {
  const { timeoutMs, replicas = 0, allowPlaintext = false } = settings;
  const target = parseRedisUrl(settings.url);
  const transport = { allowPlaintext, tls: target.tls ? (settings.tls ?? {}) : undefined };
  const options = { target, timeoutMs, transport };
  const sentinels = sentinelsOf(options, settings);
  const commands = nodesOf(options, sentinels);
  // WAIT holds up its connection: reads go by another.
  const writes = replicas > 0 ? nodesOf(options, sentinels) : commands;
  const each = [...new Set([commands, writes])];
  const dedicated = new Set<Redis>();
  let isClosed = false;

  function leave(): void {
    for (const client of dedicated) {
      client.disconnect();
    }
  }

  return {
    kind: target.kind,
    address: target.address,
    replicas,
    commands: commands.client,
    reads: turnReads(commands.client),
    durably: scriptRunner(writes, { timeoutMs, replicas }),
    run: scriptRunner(commands, { timeoutMs, replicas: 0 }),
    dedicated(key) {
      const client = commands.blocking(key);
      if (client === undefined) {
        throw storeUnavailable("no node is known that holds the key");
      }
      dedicated.add(client);
      client.once("end", () => dedicated.delete(client));
      return client;
    },
    holder: () => commands.holderOf(REVOCATIONS.log),
    primaries: commands.primaries,
    sentinels,
    isReady: () => each.every((nodes) => nodes.isReady()),
    start(listener) {
      listen(each, listener, { leave, isClosed: () => isClosed });
      sentinels?.watch((primary) => {
        for (const nodes of each) {
          nodes.leads(primary);
        }
      });
    },
    async close() {
      isClosed = true;
      sentinels?.stop();
      leave();
      await Promise.all(each.map((nodes) => nodes.close()));
    },
  };
}

function sentinelsOf(options: ClientOptions, settings: ConnectionSettings): Sentinels | undefined {
  const { name } = options.target;
  if (name === undefined) {
    return undefined;
  }
  const { sentinelUsername: username, sentinelPassword: password } = settings;
  return startSentinels({ ...options, name, username, password });
}

function nodesOf(options: ClientOptions, sentinels: Sentinels | undefined): Nodes {
  if (options.target.kind === "cluster") {
    return clusterNodes(options, REVOCATIONS.log);
  }
  return singleNode(options, sentinels && (async () => (await sentinels.ask()).primary));
}

type Own = { leave: () => void; isClosed: () => boolean };

/** Away is any of them, ready are all. */
function listen(each: readonly Nodes[], { ready, away }: NodesListener, { leave, isClosed }: Own): void {
  for (const nodes of each) {
    nodes.start({
      ready() {
        if (!isClosed() && each.every((one) => one.isReady())) {
          ready();
        }
      },
      away(because) {
        leave();
        if (!isClosed()) {
          away(because);
        }
      },
    });
  }
}

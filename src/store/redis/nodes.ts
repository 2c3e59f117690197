import type { Cluster, Redis } from "ioredis";
import type { Place } from "./redis-url.ts";

export type NodesListener = {
  /** The holder of the revocations can be asked. Again after each reconnect, failover or move. */
  ready: () => void;
  /** It cannot be asked. `because` is for logs and messages: it holds no secret. */
  away: (because: string) => void;
};

/** The servers that hold the keys: one, or the nodes of a Cluster. */
export type Nodes = {
  client: Cluster | Redis;
  /** Undefined while nobody is known to hold the key. */
  holderOf(key: string): Redis | undefined;
  /** Whom a redirection names. Undefined where there should be none. */
  at(place: Place): Redis | undefined;
  /** Each that leads and holds something. */
  primaries: () => readonly Redis[];
  /** A connection of its own to the holder of the key, for blocking reads. */
  blocking(key: string): Redis | undefined;
  /** Finds out anew who holds what. */
  refresh(): void;
  /** Who leads, as Sentinels say: another is left. */
  leads(primary: Place): void;
  isReady: () => boolean;
  start(listener: NodesListener): void;
  close(): Promise<void>;
};

export const NO_ERROR = "the connection was closed";

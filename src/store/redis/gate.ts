import type { OpenStore } from "./assess.ts";
import { storeUnavailable } from "./redis-error.ts";

export type RedisStoreEvent = {
  level: "info" | "warn" | "error";
  event: "store_opened" | "store_closed" | "store_rollback" | "store_healed";
  message: string;
};

/** Whether operations may go to Redis. Shut until its state has been seen to be whole, ours, and safe. */
export type Gate = {
  /** @throws AssayError `store_unavailable` while shut */
  pass(): OpenStore;
  open(store: OpenStore): void;
  /**
   * @param sentence what is wrong and how to mend it
   * @param isAway it only cannot be asked: what it proved stays true for as long as a proof does
   */
  shut(sentence: string, isAway?: boolean): void;
  /** @param listener told when it is shut, unless Redis is only away. One at a time. */
  whenShut(listener: (() => void) | undefined): void;
  /** The sentence while shut. */
  problem(): string | undefined;
  /** The incarnation last let through, also while shut. */
  known(): string | undefined;
};

export function createGate(address: string, log: (event: RedisStoreEvent) => void): Gate {
  let problem: string | undefined = `The Redis at ${address} has not been reached yet.`;
  let current: OpenStore | undefined;
  let shutListener: (() => void) | undefined;

  return {
    pass() {
      if (problem !== undefined || current === undefined) {
        throw storeUnavailable(problem ?? "the store is closed");
      }
      return current;
    },
    open(store) {
      current = store;
      problem = undefined;
      log(opened(address, store));
    },
    shut(sentence, isAway = false) {
      if (sentence === problem) {
        return;
      }
      problem = sentence;
      log({ level: "error", event: "store_closed", message: sentence });
      if (!isAway) {
        shutListener?.();
      }
    },
    whenShut(listener) {
      shutListener = listener;
    },
    problem: () => problem,
    known: () => current?.incarnation,
  };
}

function opened(address: string, { durability }: OpenStore): RedisStoreEvent {
  if (durability === "volatile") {
    const message = `The Redis at ${address} may lose or evict acknowledged revocations: allowed for a trial only.`;
    return { level: "warn", event: "store_opened", message };
  }
  return { level: "info", event: "store_opened", message: `The store at ${address} is open.` };
}

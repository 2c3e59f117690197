import { setImmediate as nextTurn } from "node:timers/promises";
import type { Redis } from "ioredis";

export type Batches<Item> = {
  /** @returns what takes it out again while it waits; undefined when too much waits already */
  add(node: Redis, item: Item): (() => void) | undefined;
};

/** More than a server does within the time limit; they take a few megabytes. */
export const MOST_WAITING = 4_096;

/**
 * Collects for each node what is asked until everything sent to it before has been answered, and sends it in one go: so that nothing
 * piles up behind a node that is slow or frozen, where nobody could take it back.
 * @param send resolves when all has been answered; never rejects
 */
export function oneBatchAtATime<Item>(send: (node: Redis, batch: readonly Item[]) => Promise<void>): Batches<Item> {
  const waiting = new Map<Redis, Set<Item>>();

  async function serve(node: Redis, items: Set<Item>): Promise<void> {
    do {
      // Those who have just been answered may ask at once.
      await nextTurn();
      const batch = [...items];
      items.clear();
      if (batch.length > 0) await send(node, batch);
    } while (items.size > 0);
    waiting.delete(node);
  }

  return {
    add(node, item) {
      const items = waiting.get(node) ?? new Set();
      if (items.size >= MOST_WAITING) {
        return undefined;
      }
      items.add(item);
      if (!waiting.has(node)) {
        waiting.set(node, items);
        void serve(node, items);
      }
      return () => items.delete(item);
    },
  };
}

const AT_ONCE = 64;

/** Does something for each of many, so many at once: a store that gets all at once is busy for too long, and unavailable. */
export async function inTurns<Item>(items: readonly Item[], each: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await each(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

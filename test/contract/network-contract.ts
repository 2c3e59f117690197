/** From how many networks a token comes: exactly where they are few, about where they are many, within a window. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { at, digest, type FreshStore, HOUR, NOW } from "./store-under-test.ts";

const HALF = HOUR / 2;
/** Into a half of the window. */
const OFFSETS = [0, 1, HALF / 3, HALF - 1];

export function networkContract(fresh: FreshStore): void {
  test("a token's networks are counted one by one, each once", async () => {
    const store = await (await fresh()).open();
    const token = digest();
    const counts = [];
    for (let index = 0; index < 10; index++) counts.push(await count(store, token, index));
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await count(store, token, 3)).toBe(10);
  });

  test("each token has networks of its own", async () => {
    const store = await (await fresh()).open();
    const [one, other] = [digest(), digest()];
    await count(store, one, 1);
    expect(await count(store, one, 2)).toBe(2);
    expect(await count(store, other, 1)).toBe(1);
  });

  test("digests of any bytes are told apart", async () => {
    const store = await (await fresh()).open();
    const tokens = [Buffer.alloc(16), Buffer.from([0, 10, 13, 255, 0, 128, 39, 34, 92, 1, 2, 3, 4, 5, 6, 7])];
    for (const token of tokens) {
      expect(await store.networks.count(token, Buffer.alloc(16), HOUR)).toBe(1);
      expect(await store.networks.count(token, Buffer.alloc(16, 255), HOUR)).toBe(2);
    }
  });

  test.for([
    // By how much it may be off: where they are many, three times the greater standard error, 9 %; up to 128, three times that of Redis, 0.8 %.
    [10, 0],
    [100, 3],
    [1_000, 270],
  ] as const)("%i networks are counted as many, give or take %i", async ([networks, mostOff]) => {
    const store = await (await fresh()).open();
    const token = digest();
    await Promise.all(Array.from({ length: networks }, (_, index) => count(store, token, index)));
    const again = await count(store, token, 0);
    expect(Math.abs(again - networks)).toBeLessThanOrEqual(mostOff);
  });

  test("of any number of counts at once, at two instances, none is lost", async () => {
    const underTest = await fresh();
    const instances = [await underTest.open(), await underTest.open()] as const;
    const token = digest();
    const counts = await Promise.all(
      Array.from({ length: 50 }, (_, index) => count(instances[index % 2 === 0 ? 0 : 1], token, index)),
    );
    expect(Math.max(...counts)).toBe(50);
    expect(await count(instances[0], token, 0)).toBe(50);
  });

  test("two instances add up, and so does the next that opens the store", async () => {
    const underTest = await fresh();
    const [one, other] = [await underTest.open(), await underTest.open()];
    const token = digest();
    expect(await count(one, token, 1)).toBe(1);
    expect(await count(other, token, 2)).toBe(2);
    expect(await count(await underTest.open(), token, 3)).toBe(3);
  });

  test.for(OFFSETS)("what is as old as half the window is counted, %i ms into a half of it", async (offset) => {
    const { store, token } = await noted(fresh, NOW + offset);
    expect(await count(await store(NOW + offset + HALF), token, 2)).toBe(2);
  });

  test.for(OFFSETS)("what is as old as the window is counted no more, %i ms into a half of it", async (offset) => {
    const { store, token } = await noted(fresh, NOW + offset);
    expect(await count(await store(NOW + offset + HOUR), token, 2)).toBe(1);
  });

  test("a network that is seen again counts from then on", async () => {
    const { store, token } = await noted(fresh, NOW);
    expect(await count(await store(NOW + HALF), token, 1)).toBe(1);
    expect(await count(await store(NOW + HOUR), token, 2)).toBe(2);
  });

  test("a purge leaves what is counted yet", async () => {
    const { store, token } = await noted(fresh, NOW);
    await (await store(NOW + HALF)).purge();
    expect(await count(await store(NOW + HALF), token, 2)).toBe(2);
  });

  test("what is counted no more takes no room any more", async () => {
    const begin = Date.now() - 3 * HOUR;
    const { store, token } = await noted(fresh, begin);
    await (await store(begin + 2 * HOUR)).purge();
    expect(await count(await store(begin), token, 2)).toBe(1);
  });

  test("a closed store counts nothing", async () => {
    const store = await (await fresh()).open();
    await store.close();
    await expect(count(store, digest(), 1)).rejects.toMatchObject({ code: "store_unavailable" });
  });
}

/** A token that came from its network 1 then; and the store at any other time. */
async function noted(fresh: FreshStore, then: number) {
  const underTest = await fresh();
  const store = (now: number): Promise<Store> => underTest.open({ clock: at(now) });
  const token = digest();
  expect(await count(await store(then), token, 1)).toBe(1);
  return { store, token };
}

/** Notes the network of this number: always the same digest, so that an estimate is the same in every run. */
function count({ networks }: Store, token: Buffer, network: number): Promise<number> {
  const networkDigest = createHash("sha256").update(`network ${network}`).digest().subarray(0, 16);
  return networks.count(token, networkDigest, HOUR);
}

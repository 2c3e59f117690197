/** A family's record, and many refreshes of it at once. */
import { expect, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { startStoreProcess } from "./run-store-process.ts";
import { createFamily, DAY, digest, type FreshStore, newFamily, NOW, rotation } from "./store-under-test.ts";

export function familyContract(fresh: FreshStore): void {
  test("a family reads back as it was created, at generation 0 and alive", async () => {
    const store = await (await fresh()).open();
    const record = newFamily({ macKeyId: 4_294_967_295 });
    const id = digest();
    await store.families.create(id, record);
    expect(await store.families.read(id)).toEqual({ ...record, generation: 0, dead: false });
  });

  test("an unknown family reads as undefined", async () => {
    const store = await (await fresh()).open();
    expect(await store.families.read(digest())).toBeUndefined();
  });

  test("a family is never overwritten by another with its id", async () => {
    const store = await (await fresh()).open();
    const id = await createFamily(store, { macKeyId: 5 });
    await expect(store.families.create(id, newFamily({ macKeyId: 6 }))).rejects.toThrow("exists already");
    expect(await store.families.read(id)).toMatchObject({ macKeyId: 5 });
  });

  test("killing is idempotent", async () => {
    const store = await (await fresh()).open();
    const id = await createFamily(store);
    await store.families.kill(id);
    await store.families.kill(id);
    expect(await store.families.read(id)).toMatchObject({ dead: true, generation: 0 });
  });

  test("killing an unknown family leaves it unknown", async () => {
    const store = await (await fresh()).open();
    const id = digest();
    await store.families.kill(id);
    expect(await store.families.read(id)).toBeUndefined();
    expect(await store.families.rotate(id, rotation())).toEqual({ outcome: "unknown" });
  });

  test("families do not touch each other", async () => {
    const store = await (await fresh()).open();
    const [one, other] = [await createFamily(store), await createFamily(store)];
    await store.families.kill(one);
    expect(await store.families.rotate(other, rotation())).toMatchObject({ outcome: "rotated" });
  });

  test("a family's state is as large after a thousand rotations as after ten", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    const id = await createFamily(store);
    await rotateFrom(store, id, 0, 10);
    const before = await underTest.familySize(id);
    await rotateFrom(store, id, 10, 1_000);
    // A generation of four digits instead of two.
    expect(await underTest.familySize(id)).toBeLessThanOrEqual(before + 2);
  });

  test("of 50 concurrent refreshes of one generation, a thousand times, one rotates and the others get its successor", async () => {
    const underTest = await fresh();
    const stores: [Store, Store] = [await underTest.open(), await underTest.open()];
    for (let family = 0; family < 1_000; family += 1) {
      expect(await fiftyRefreshes(stores)).toEqual({ successors: 1, rotated: 1, retried: 49 });
    }
  }, 120_000);

  test("of several processes that refresh at once, one rotates each family", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    const ids = await Promise.all(Array.from({ length: 100 }, () => createFamily(store)));
    const digests = ids.map((id) => id.toString("hex"));
    const task = { address: underTest.address, what: "rotate" as const, digests, thenDie: false };
    const processes = await Promise.all([1, 2, 3].map(() => startStoreProcess(task)));
    const outcomes = await Promise.all(processes.map((process) => process.go()));
    for (const place of digests.keys()) {
      const each = outcomes.map((one) => one[place]);
      expect(each.filter((outcome) => outcome === "rotated").length).toBe(1);
      expect(each.filter((outcome) => outcome === "retried").length).toBe(2);
    }
  });
}

async function rotateFrom(store: Store, id: Buffer, from: number, to: number): Promise<void> {
  for (let presented = from; presented < to; presented += 1) {
    const outcome = await store.families.rotate(id, rotation({ presented, now: NOW + presented }));
    expect(outcome.outcome).toBe("rotated");
  }
}

/** Each refresh would have made another successor: MAC keys and lifetimes differ. */
async function fiftyRefreshes([one, other]: [Store, Store]) {
  const id = await createFamily(one);
  const refreshes = Array.from({ length: 50 }, (_, place) =>
    (place % 2 === 0 ? one : other).families.rotate(id, rotation({ macKeyId: place, idleMs: DAY + place })),
  );
  const outcomes = await Promise.all(refreshes);
  return {
    successors: new Set(outcomes.map((each) => ("successor" in each ? JSON.stringify(each.successor) : ""))).size,
    rotated: outcomes.filter(({ outcome }) => outcome === "rotated").length,
    retried: outcomes.filter(({ outcome }) => outcome === "retried").length,
  };
}

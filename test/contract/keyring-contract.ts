/** The deployment's keys, as one text that is replaced as a whole or not at all. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { startStoreProcess } from "./run-store-process.ts";
import type { FreshStore } from "./store-under-test.ts";

export function keyringContract(fresh: FreshStore): void {
  test("a new store has no keyring, which is version 0", async () => {
    const { keyrings } = await (await fresh()).open();
    expect(await keyrings.read()).toEqual({ version: 0, records: "" });
  });

  test("each swap raises the version by one, and every opener reads what was put there", async () => {
    const underTest = await fresh();
    const { keyrings } = await underTest.open();
    expect(await keyrings.swap(0, "first")).toBe(true);
    expect(await keyrings.swap(1, "second ✓")).toBe(true);
    expect(await (await underTest.open()).keyrings.read()).toEqual({ version: 2, records: "second ✓" });
  });

  test.each([0, 2, 7])("a swap of version %i where 1 is held changes nothing", async (version) => {
    const { keyrings } = await (await fresh()).open();
    await keyrings.swap(0, "held");
    expect(await keyrings.swap(version, "other")).toBe(false);
    expect(await keyrings.read()).toEqual({ version: 1, records: "held" });
  });

  test("the keyring is there when the store is opened again", async () => {
    const underTest = await fresh();
    const before = await underTest.open();
    const records = randomBytes(60_000).toString("base64url");
    await before.keyrings.swap(0, records);
    await before.close();
    expect(await (await underTest.open()).keyrings.read()).toEqual({ version: 1, records });
  });

  test("of many concurrent swaps of one version exactly one is made", async () => {
    const underTest = await fresh();
    const [one, other] = [await underTest.open(), await underTest.open()];
    for (let version = 0; version < 50; version += 1) {
      const swaps = Array.from({ length: 10 }, (_, place) =>
        (place % 2 === 0 ? one : other).keyrings.swap(version, `${version}-${place}`),
      );
      const outcomes = await Promise.all(swaps);
      const made = outcomes.flatMap((isMade, place) => (isMade ? [`${version}-${place}`] : []));
      expect(made.length).toBe(1);
      expect(await one.keyrings.read()).toEqual({ version: version + 1, records: made[0] });
    }
  });

  test("of several processes that start on a new store one puts the first keyring there", async () => {
    const underTest = await fresh();
    const proposals = Array.from({ length: 4 }, () => randomBytes(16).toString("hex"));
    const processes = await Promise.all(
      proposals.map((digest) =>
        startStoreProcess({ address: underTest.address, what: "swap", digests: [digest], thenDie: false }),
      ),
    );
    const outcomes = (await Promise.all(processes.map((one) => one.go()))).flat();
    expect(outcomes.filter((outcome) => outcome === "swapped").length).toBe(1);
    const { keyrings } = await underTest.open();
    expect(await keyrings.read()).toEqual({ version: 1, records: proposals[outcomes.indexOf("swapped")] });
  });

  test("a closed store gives no keyring", async () => {
    const store = await (await fresh()).open();
    await store.close();
    await expect(store.keyrings.read()).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(store.keyrings.swap(0, "")).rejects.toMatchObject({ code: "store_unavailable" });
  });
}

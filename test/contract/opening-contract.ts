/** Opening, closing and opening again; and whose store it is. */
import { expect, test } from "vitest";
import { StartError } from "../../src/core/start-error.ts";
import { SCHEMA_VERSION } from "../../src/store/schema-version.ts";
import { liveIn } from "./recording-follower.ts";
import { startStoreProcess } from "./run-store-process.ts";
import { createFamily, DAY, digest, type FreshStore, NOW, revocation, rotation } from "./store-under-test.ts";

export function openingContract(fresh: FreshStore): void {
  test("a store that answers has no problem", async () => {
    const store = await (await fresh()).open();
    expect(await store.problem()).toBeUndefined();
  });

  test("everything acknowledged is there when the store is opened again", async () => {
    const underTest = await fresh();
    const before = await underTest.open();
    const [revoked, token] = [revocation({ cutOff: NOW }), digest()];
    const id = await createFamily(before);
    await before.revocations.append(revoked);
    await before.families.rotate(id, rotation());
    await before.opaqueTokens.put(token, Buffer.from([1, 0, 255]), NOW + DAY);
    const family = await before.families.read(id);
    await before.close();

    const after = await underTest.open();
    expect(await liveIn(underTest, [revoked.digest])).toMatchObject([{ cutOff: NOW }]);
    expect(await after.families.read(id)).toEqual(family);
    expect(await after.opaqueTokens.get(token)).toEqual(Buffer.from([1, 0, 255]));
  });

  test("a store keeps its incarnation when it is opened again", async () => {
    const underTest = await fresh();
    const revoked = revocation();
    const before = await underTest.open();
    const { revision } = await before.revocations.append(revoked);
    await before.close();
    const after = await underTest.open();
    expect((await after.revocations.append(revoked)).revision).toBe(revision);
  });

  test("a store written by a newer version is refused, and says what to do", async () => {
    const underTest = await fresh();
    await (await underTest.open()).close();
    await underTest.writeSchemaVersion(SCHEMA_VERSION + 1);
    const opening = underTest.open();
    await expect(opening).rejects.toThrow(StartError);
    await expect(opening).rejects.toThrow(/written by a newer version of Assay.*Start the newer version/);
  });

  test("a store written before the first release is refused, and says what to do", async () => {
    const underTest = await fresh();
    await (await underTest.open()).close();
    await underTest.writeSchemaVersion(1);
    const opening = underTest.open();
    await expect(opening).rejects.toThrow(StartError);
    await expect(opening).rejects.toThrow(/before its first release.*Remove it to begin anew/);
  });

  test("processes that start at once on an empty store make one store", async () => {
    const underTest = await fresh();
    const digests = Array.from({ length: 4 }, digest);
    const processes = await Promise.all(
      digests.map((one) =>
        startStoreProcess({
          address: underTest.address,
          what: "append",
          digests: [one.toString("hex")],
          thenDie: false,
        }),
      ),
    );
    const revisions = (await Promise.all(processes.map((one) => one.go()))).flat();
    expect(revisions.length).toBe(4);
    expect(new Set(revisions.map((revision) => revision.split("/")[0])).size).toBe(1);
    expect(await liveIn(underTest, digests)).toMatchObject(digests.map((one) => ({ digest: one })));
  });

  test("a closed store answers nothing, and closing it again is harmless", async () => {
    const store = await (await fresh()).open();
    await store.close();
    await store.close();
    await expect(store.revocations.readSealed([digest()])).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(store.families.read(digest())).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(store.revocations.append(revocation())).rejects.toMatchObject({ code: "store_unavailable" });
  });
}

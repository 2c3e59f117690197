/** A process killed between two steps of one request: what it leaves must never be alive when it should not be. */
import { expect, test } from "vitest";
import { liveIn } from "./recording-follower.ts";
import { startStoreProcess } from "./run-store-process.ts";
import { createFamily, digest, type FreshStore, rotation, type StoreUnderTest } from "./store-under-test.ts";

export function crashContract(fresh: FreshStore): void {
  test("killed after a reuse was appended and before the family was marked, the family's revocation is live", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    const id = await createFamily(store);
    await killedAfter(underTest, "append", id);
    const reopened = await underTest.open();
    // The record says alive: it is the revocation, which a refresh consults, that keeps the family dead.
    expect(await reopened.families.read(id)).toMatchObject({ dead: false });
    expect(await liveIn(underTest, [id])).toMatchObject([{ digest: id }]);
  });

  test("a reuse repeated after that crash finishes what was begun", async () => {
    const underTest = await fresh();
    const id = await createFamily(await underTest.open());
    await killedAfter(underTest, "append", id);
    const reopened = await underTest.open();
    await reopened.families.kill(id);
    expect(await reopened.families.rotate(id, rotation())).toEqual({ outcome: "dead" });
  });

  test("killed after a family was created and before its opaque token was put, no token of it is known", async () => {
    const underTest = await fresh();
    await (await underTest.open()).close();
    const id = digest();
    await killedAfter(underTest, "create", id);
    const reopened = await underTest.open();
    expect(await reopened.families.read(id)).toMatchObject({ generation: 0, dead: false });
    expect(await reopened.opaqueTokens.get(id)).toBeUndefined();
  });

  test("killed after a rotation and before its answer, the retry gets the successor that was recorded", async () => {
    const underTest = await fresh();
    const id = await createFamily(await underTest.open());
    await killedAfter(underTest, "rotate", id);
    const reopened = await underTest.open();
    const recorded = await reopened.families.read(id);
    const retry = await reopened.families.rotate(id, rotation());
    expect(retry).toMatchObject({ outcome: "retried", successor: { generation: 1, rotatedAt: recorded?.rotatedAt } });
  });
}

async function killedAfter(
  { address }: StoreUnderTest,
  what: "append" | "create" | "rotate",
  id: Buffer,
): Promise<void> {
  const process = await startStoreProcess({ address, what, digests: [id.toString("hex")], thenDie: true });
  expect(await process.go()).toEqual([]);
}

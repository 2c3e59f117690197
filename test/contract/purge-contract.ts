/** How long things are kept, and what a purge takes. */
import { expect, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import type { Keep } from "../../src/core/revocation-log.ts";
import { liveIn } from "./recording-follower.ts";
import {
  at,
  createFamily,
  DAY,
  digest,
  type FreshStore,
  GREATEST_LIFETIME,
  HOUR,
  MARGIN,
  NOW,
  type OpenChanges,
  revocation,
  type StoreUnderTest,
} from "./store-under-test.ts";

export function purgeContract(fresh: FreshStore): void {
  test("a revocation kept for the greatest lifetime is there at its end and an hour's clock jump later", async () => {
    const underTest = await fresh();
    const revoked = await revokeAt(underTest, "greatest-lifetime");
    expect(await survives(underTest, revoked, NOW + GREATEST_LIFETIME + HOUR)).toBe(true);
    expect(await survives(underTest, revoked, NOW + GREATEST_LIFETIME + MARGIN)).toBe(false);
  });

  test("a revocation kept until a time is there then and an hour's clock jump later", async () => {
    const underTest = await fresh();
    const revoked = await revokeAt(underTest, NOW + DAY);
    expect(await survives(underTest, revoked, NOW + DAY + HOUR)).toBe(true);
    expect(await survives(underTest, revoked, NOW + DAY + MARGIN)).toBe(false);
  });

  test("a revocation kept for good is never purged", async () => {
    const underTest = await fresh();
    const revoked = await revokeAt(underTest, "for-good");
    expect(await survives(underTest, revoked, NOW + 1_000_000 * DAY)).toBe(true);
  });

  test("the longer keep wins, in either order", async () => {
    const underTest = await fresh();
    for (const keeps of [
      [NOW, "greatest-lifetime"],
      ["greatest-lifetime", NOW],
    ] satisfies Keep[][]) {
      const revoked = digest();
      for (const keep of keeps) {
        await revokeAt(underTest, keep, revoked);
      }
      expect(await survives(underTest, revoked, NOW + GREATEST_LIFETIME)).toBe(true);
    }
  });

  test("what was made for good stays so when it is revoked again for less", async () => {
    const underTest = await fresh();
    const revoked = await revokeAt(underTest, "for-good");
    await revokeAt(underTest, NOW, revoked);
    expect(await survives(underTest, revoked, NOW + 1_000 * DAY)).toBe(true);
  });

  test("what had an end has none once it is revoked for good", async () => {
    const underTest = await fresh();
    const revoked = await revokeAt(underTest, NOW);
    await revokeAt(underTest, "for-good", revoked);
    expect(await survives(underTest, revoked, NOW + 1_000 * DAY)).toBe(true);
  });

  test("an instance started before the greatest lifetime was raised keeps revocations for the raised one", async () => {
    const underTest = await fresh();
    const earlier = await underTest.open();
    await underTest.open({ greatestLifetimeMs: 90 * DAY });
    const revoked = revocation();
    await earlier.revocations.append(revoked);
    expect(await survives(underTest, revoked.digest, NOW + 90 * DAY)).toBe(true);
  });

  test("the greatest lifetime is raised by an opener with a greater one and lowered by none", async () => {
    const underTest = await fresh();
    const openings = [30 * DAY, 90 * DAY, 5 * DAY];
    for (const greatestLifetimeMs of openings) {
      await underTest.open({ greatestLifetimeMs });
    }
    expect(await underTest.readGreatestLifetime()).toBe(90 * DAY);
  });

  test("a purge takes what has expired and leaves the rest", async () => {
    const underTest = await fresh();
    const [gone, stays] = [await revokeAt(underTest, NOW), await revokeAt(underTest, NOW + DAY)];
    const store = await underTest.open({ clock: at(NOW + MARGIN) });
    await purgeAll(store);
    expect(await liveIn(underTest, [gone, stays])).toMatchObject([undefined, { digest: stays }]);
  });

  test("a purge that has nothing left to do says 0", async () => {
    const store = await (await fresh()).open();
    await store.revocations.append(revocation());
    await purgeAll(store);
    expect(await store.purge()).toBe(0);
  });

  test("a purge of many expired revocations is done in bounded steps", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const digests = Array.from({ length: 1_200 }, digest);
    await Promise.all(digests.map((one) => revocations.append(revocation({ digest: one, keep: NOW }))));
    const store = await underTest.open({ clock: at(NOW + MARGIN) });
    expect(await store.purge()).toBeLessThan(1_200);
    await purgeAll(store);
    expect(await liveIn(underTest, digests)).toEqual(digests.map(() => undefined));
  });

  test("a revocation that was purged can be made again", async () => {
    const underTest = await fresh();
    const revoked = await revokeAt(underTest, NOW);
    const store = await underTest.open({ clock: at(NOW + MARGIN) });
    await purgeAll(store);
    await store.revocations.append(revocation({ digest: revoked }));
    expect(await liveIn(underTest, [revoked])).toMatchObject([{ digest: revoked }]);
  });

  test("trimming the log takes nothing from the live set, and revisions go on", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    const revoked = revocation({ keep: "for-good" });
    const { revision } = await store.revocations.append(revoked);
    await purgeAll(await underTest.open({ clock: at(NOW + DAY) }));
    expect(await liveIn(underTest, [revoked.digest])).toEqual([{ digest: revoked.digest }]);
    expect(await store.revocations.append(revoked)).toMatchObject({ revision });
  });

  test("a purge leaves families that are alive and opaque tokens that have not expired", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    const [id, token] = [await createFamily(store), digest()];
    await store.opaqueTokens.put(token, Buffer.from("sealed"), NOW + DAY);
    await purgeAll(await underTest.open({ clock: at(NOW + DAY) }));
    expect(await store.families.read(id)).toBeDefined();
    expect(await store.opaqueTokens.get(token)).toBeDefined();
  });
}

async function revokeAt(underTest: StoreUnderTest, keep: Keep, one = digest()): Promise<Buffer> {
  const store = await underTest.open();
  await store.revocations.append(revocation({ digest: one, keep }));
  return one;
}

/** Whether a revocation is still live after everything that has expired by then is gone. */
async function survives(underTest: StoreUnderTest, one: Buffer, now: number): Promise<boolean> {
  const changes: OpenChanges = { clock: at(now) };
  const store = await underTest.open(changes);
  await purgeAll(store);
  const [found] = await liveIn(underTest, [one]);
  return found !== undefined;
}

async function purgeAll(store: Store): Promise<void> {
  while ((await store.purge()) > 0) {
    // Until nothing is left to do.
  }
}

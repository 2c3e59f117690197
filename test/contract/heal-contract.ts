/** A store that went back in time: noticed, put right by whoever knows better, and said aloud. */
import { expect, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import type { Acknowledgement } from "../../src/core/revocation-log.ts";
import { until } from "../support/until.ts";
import { follow, liveIn, type RecordingFollower, recordingFollower } from "./recording-follower.ts";
import { at, digest, type FreshStore, NOW, revocation, SECOND, type StoreUnderTest } from "./store-under-test.ts";

export function healContract(fresh: FreshStore): void {
  test("revocations that the store has lost are put back as strong as they were", async () => {
    const underTest = await fresh();
    const { lost, follower } = await wentBack(underTest, await underTest.open());
    await healed(follower);
    expect(
      await liveIn(
        underTest,
        lost.map((one) => one.digest),
      ),
    ).toEqual(lost.map((one) => follower.find(one.digest)));
  });

  test("it is doubted before it is proved again, and both are said to the operator", async () => {
    const underTest = await fresh();
    const events: string[] = [];
    const store = await underTest.open({ log: ({ event }) => events.push(event) });
    const { follower } = await wentBack(underTest, store);
    await healed(follower);
    await until("the operator is told", () => events.includes("store_healed") || undefined);
    expect(events.filter((event) => /rollback|healed/.test(event))).toEqual(["store_rollback", "store_healed"]);
  });

  test("revisions that were lost and put back are reached, by the healer and by others", async () => {
    const underTest = await fresh();
    const { revisions, follower, following } = await wentBack(underTest, await underTest.open());
    await healed(follower);
    const other = await follow(await underTest.open());
    for (const revision of revisions) {
      await expect(following.reach(revision)).resolves.toBeUndefined();
      await expect(other.following.reach(revision)).resolves.toBeUndefined();
    }
  });

  test("what is put back reaches instances that never knew it, without what was sealed with it", async () => {
    const underTest = await fresh();
    const newcomer = recordingFollower();
    const meanwhile = async (): Promise<void> => {
      await follow(await underTest.open(), newcomer);
    };
    const { lost, follower } = await wentBack(underTest, await underTest.open(), { meanwhile });
    await healed(follower);
    const [one] = lost;
    await until("it arrives", () => (one && newcomer.find(one.digest)) ?? undefined);
    expect(newcomer.entries.every(({ sealed }) => sealed.length === 0)).toBe(true);
    expect(await (await underTest.open()).revocations.readSealed([one?.digest ?? digest()])).toEqual([Buffer.alloc(0)]);
  });

  test("several that notice at once heal it once over, and all go on", async () => {
    const underTest = await fresh();
    // What is put back is put back later than it was first written.
    let ticks = 0;
    const open = (): Promise<Store> => underTest.open({ clock: { now: () => NOW + ticks++ } });
    const others = await Promise.all([open(), open()]);
    const followed = await Promise.all(others.map((store) => follow(store)));
    const aware = followed.map((one) => one.follower);
    const { lost, follower } = await wentBack(underTest, await open(), { aware });
    await Promise.all([follower, ...followed.map((one) => one.follower)].map(healed));
    const digests = lost.map((one) => one.digest);
    expect(await liveIn(underTest, digests)).toEqual(digests.map((one) => follower.find(one)));
    expect(await underTest.logLength()).toBe(1 + lost.length);
  });

  test("what the store holds stronger than the healer is left as it is", async () => {
    const underTest = await fresh();
    const one = digest();
    const store = await underTest.open();
    const knows = recordingFollower([{ digest: one, cutOff: NOW - 1, keepUntil: NOW + 1_000 }]);
    await (await underTest.open()).revocations.append(revocation({ digest: one, cutOff: NOW, keep: "for-good" }));
    const { follower } = await wentBack(underTest, store, { knows });
    await healed(follower);
    expect(await liveIn(underTest, [one])).toEqual([{ digest: one, cutOff: NOW }]);
  });

  test("what has expired by the store's time is not put back", async () => {
    const underTest = await fresh();
    const [expired, alive] = [digest(), digest()];
    const knows = recordingFollower([
      { digest: expired, keepUntil: NOW },
      { digest: alive, keepUntil: NOW + 1 },
    ]);
    const { follower } = await wentBack(underTest, await underTest.open(), { knows });
    await healed(follower);
    expect(await liveIn(underTest, [expired, alive])).toEqual([undefined, { digest: alive, keepUntil: NOW + 1 }]);
  });

  test("a new entry in the place of a lost one is not taken for it", async () => {
    const underTest = await fresh();
    const unaware = await underTest.open({ clock: at(NOW + SECOND) });
    const meanwhile = async (): Promise<void> => {
      for (let count = 0; count < 5; count += 1) {
        await unaware.revocations.append(revocation());
      }
    };
    const { lost, follower } = await wentBack(underTest, await underTest.open(), { meanwhile });
    await healed(follower);
    const digests = lost.map((one) => one.digest);
    expect(await liveIn(underTest, digests)).toEqual(digests.map((one) => follower.find(one)));
  });
}

type Circumstances = {
  /** What happens right after the store went back. */
  meanwhile?: () => Promise<void>;
  /** Who follows. */
  knows?: RecordingFollower;
  /** Who else must have seen what is lost then. */
  aware?: readonly RecordingFollower[];
};

/** A store followed by an instance that knows three revocations more than the store does after going back. */
async function wentBack(underTest: StoreUnderTest, store: Store, { meanwhile, knows, aware = [] }: Circumstances = {}) {
  const { follower, following } = await follow(store, knows ?? recordingFollower());
  await store.revocations.append(revocation());
  const goBack = await underTest.snapshot();
  const lost = [revocation(), revocation({ cutOff: NOW }), revocation({ keep: "for-good" })];
  const acknowledged: Acknowledgement[] = [];
  for (const one of lost) {
    acknowledged.push(await store.revocations.append(one));
  }
  await following.reach(acknowledged[2]?.revision ?? "");
  const isSeen = (one: RecordingFollower): boolean => lost.every(({ digest: known }) => one.find(known) !== undefined);
  await until("all have seen what will be lost", () => aware.every(isSeen) || undefined);
  await goBack();
  await meanwhile?.();
  return { follower, following, lost, revisions: acknowledged.map(({ revision }) => revision) };
}

/** Proved again after a doubt. */
async function healed(follower: RecordingFollower): Promise<void> {
  await until("the store is doubted", () => follower.doubts > 0 || undefined);
  const count = follower.proofs.length;
  await until("the store is proved again", () => follower.proofs.length > count || undefined);
}

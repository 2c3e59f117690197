/** A follower that remembers what it was told, as a view would hold it. */
import { onTestFinished } from "vitest";
import type {
  Following,
  HeldRevocation,
  LoggedRevocation,
  RevocationFollower,
  RevocationStore,
} from "../../src/core/revocation-log.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

export type Proof = {
  revision: string;
  askedAt: number;
  /** How many entries of the log had been taken before. */
  entries: number;
};

export type RecordingFollower = RevocationFollower & {
  entries: LoggedRevocation[];
  proofs: Proof[];
  doubts: number;
  /** What is held of a digest: the strongest of all that was taken. */
  find(digest: Buffer): HeldRevocation | undefined;
};

/** @param before what it holds already, as a view does that has followed for long */
export function recordingFollower(before: readonly HeldRevocation[] = []): RecordingFollower {
  const held = new Map<string, HeldRevocation>();
  const take = (taken: HeldRevocation): void => {
    const name = taken.digest.toString("hex");
    held.set(name, strongest(taken, held.get(name) ?? taken));
  };
  before.forEach(take);
  const follower: RecordingFollower = {
    entries: [],
    proofs: [],
    doubts: 0,
    takeHeld: (revocations) => revocations.forEach(take),
    takeLogged: (entries) => {
      follower.entries.push(...entries);
      entries.forEach(take);
    },
    proved: (revision, askedAt) => follower.proofs.push({ revision, askedAt, entries: follower.entries.length }),
    doubted: () => {
      follower.doubts += 1;
    },
    held: () => held.values(),
    find: (digest) => held.get(digest.toString("hex")),
  };
  return follower;
}

/** Follows until the test has finished, and returns once the whole live set has been taken. */
export async function follow(
  { revocations }: { revocations: RevocationStore },
  follower = recordingFollower(),
): Promise<{ follower: RecordingFollower; following: Following }> {
  const following = revocations.follow(follower);
  onTestFinished(() => following.stop());
  await following.prove();
  return { follower, following };
}

/** What another instance that starts now is told of each digest. */
export async function liveIn(
  underTest: StoreUnderTest,
  digests: readonly Buffer[],
): Promise<Array<HeldRevocation | undefined>> {
  const store = await underTest.open();
  const follower = recordingFollower();
  const following = store.revocations.follow(follower);
  await following.prove();
  await following.stop();
  await store.close();
  return digests.map((digest) => follower.find(digest));
}

function strongest({ digest, ...one }: HeldRevocation, other: HeldRevocation): HeldRevocation {
  const held: HeldRevocation = { digest };
  if (one.cutOff !== undefined && other.cutOff !== undefined) held.cutOff = Math.max(one.cutOff, other.cutOff);
  if (one.keepUntil !== undefined && other.keepUntil !== undefined) {
    held.keepUntil = Math.max(one.keepUntil, other.keepUntil);
  }
  return held;
}

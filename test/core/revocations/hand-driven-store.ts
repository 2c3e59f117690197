/** A store whose part of the follow protocol the test plays by hand: for what a real one says in its rarest moments only. */
import type {
  HeldRevocation,
  LoggedRevocation,
  Revocation,
  RevocationFollower,
  RevocationStore,
} from "../../../src/core/revocation-log.ts";
import { openRevocations, type Revocations } from "../../../src/core/revocations/revocations.ts";

/** Long enough for any test: what is stale here was said to be so. */
export const MAX_STALENESS = 3_600_000;

export type HandDriven = {
  revocations: Revocations;
  /** What the store tells. */
  tell: RevocationFollower;
  /** Proved a moment ago, or longer ago than is allowed. */
  proved: (revision: string, agoMs?: number) => void;
  /** Every request that waits for the store: a proof, or a revision. */
  asked: { what: string; answer: PromiseWithResolvers<void> }[];
  /** What was written. */
  appended: Revocation[];
};

export function handDriven({ capacity = 1_000 } = {}): HandDriven {
  const asked: HandDriven["asked"] = [];
  const appended: Revocation[] = [];
  let follower: RevocationFollower | undefined;
  let proof: Promise<void> | undefined;
  const ask = (what: string): Promise<void> => {
    const answer = Promise.withResolvers<void>();
    asked.push({ what, answer });
    return answer.promise;
  };
  const store: RevocationStore = {
    async append(revocation) {
      appended.push(revocation);
      const { digest, cutOff } = revocation;
      const held: HeldRevocation = cutOff === undefined ? { digest } : { digest, cutOff };
      return { revision: `log/${appended.length}-0`, durability: "local", held };
    },
    follow(told) {
      follower = told;
      return {
        prove: () => (proof ??= ask("proof").finally(() => (proof = undefined))),
        proveAnew: () => ask("new proof"),
        reach: ask,
        stop: async () => undefined,
      };
    },
    readSealed: async (digests) => digests.map(() => undefined),
  };
  const revocations = openRevocations({ store, maxStalenessMs: MAX_STALENESS, capacity });
  if (follower === undefined) throw new Error("the view follows the store from the beginning");
  const tell = follower;
  return {
    revocations,
    tell,
    proved: (revision, agoMs = 0) => tell.proved(revision, performance.now() - agoMs),
    asked,
    appended,
  };
}

/** 16 bytes that are this number's alone. */
export function digestOf(count: number): Buffer {
  const digest = Buffer.alloc(16);
  digest.writeUInt32BE(count, 0);
  digest.writeUInt32BE(count, 12);
  return digest;
}

export function entry(count: number): LoggedRevocation {
  return { digest: digestOf(count), revision: `log/${count}-0`, sealed: Buffer.alloc(0) };
}

export function entries(from: number, to: number): LoggedRevocation[] {
  return Array.from({ length: to - from + 1 }, (_, index) => entry(from + index));
}

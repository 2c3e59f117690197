/** Appending: what the live set holds afterwards, and what wins when a selector is revoked again. */
import { describe, expect, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import type { Revocation } from "../../src/core/revocation-log.ts";
import { KEEP_MARGIN_MS } from "../../src/store/retention.ts";
import { liveIn } from "./recording-follower.ts";
import { digest, type FreshStore, GREATEST_LIFETIME, HOUR, NOW, revocation, SECOND } from "./store-under-test.ts";

const GREATEST = NOW + GREATEST_LIFETIME + KEEP_MARGIN_MS;

export function revocationContract(fresh: FreshStore): void {
  const open = async (): Promise<Store> => (await fresh()).open();

  test("a revocation is in the live set as soon as it is acknowledged, for whoever starts then", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const revoked = revocation();
    expect((await revocations.append(revoked)).durability).toBe("local");
    expect(await liveIn(underTest, [revoked.digest, digest()])).toEqual([
      { digest: revoked.digest, keepUntil: GREATEST },
      undefined,
    ]);
  });

  test("a cut-off of 0 is a cut-off and not absolute", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const revoked = revocation({ cutOff: 0 });
    await revocations.append(revoked);
    expect(await liveIn(underTest, [revoked.digest])).toMatchObject([{ cutOff: 0 }]);
  });

  test("a cut-off that means now is no earlier than the store's time when it is written, and any other is as it was asked", async () => {
    const { revocations } = await open();
    const now = await revocations.append(revocation({ cutOff: NOW - SECOND, cutOffNow: true }));
    const exact = await revocations.append(revocation({ cutOff: NOW - SECOND }));
    expect([now.held.cutOff, exact.held.cutOff]).toEqual([NOW, NOW - SECOND]);
  });

  test("digests are taken as bytes", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const digests = [
      Buffer.alloc(16, 0),
      Buffer.alloc(16, 255),
      Buffer.from("0d0a000d0a2b3a2d00ff800000000000", "hex"),
    ];
    for (const one of digests) {
      await revocations.append(revocation({ digest: one, sealed: Buffer.from("3a2d3a00ff", "hex") }));
    }
    expect(await liveIn(underTest, digests)).toMatchObject(digests.map((one) => ({ digest: one })));
    expect(await revocations.readSealed(digests)).toEqual(digests.map(() => Buffer.from("3a2d3a00ff", "hex")));
  });

  test("what was sealed is read in the order in which it was asked for, each as often as asked", async () => {
    const { revocations } = await open();
    const [one, other] = [revocation(), revocation({ cutOff: NOW })];
    await revocations.append(one);
    await revocations.append(other);
    const read = await revocations.readSealed([other.digest, digest(), one.digest, other.digest]);
    expect(read).toEqual([other.sealed, undefined, one.sealed, other.sealed]);
    expect(await revocations.readSealed([])).toEqual([]);
  });

  test("each revocation moves the revision on, within one incarnation", async () => {
    const { revocations } = await open();
    const revisions: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      revisions.push((await revocations.append(revocation())).revision);
    }
    expect(new Set(revisions.map(incarnation)).size).toBe(1);
    const positions = revisions.map(position);
    expect(positions).toEqual(positions.toSorted(byPosition));
    expect(new Set(revisions).size).toBe(20);
  });

  test("a revocation repeated appends nothing and has the revision of the first", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const revoked = revocation();
    const first = await revocations.append(revoked);
    const length = await underTest.logLength();
    expect(await revocations.append(revoked)).toEqual(first);
    expect(await underTest.logLength()).toBe(length);
  });

  test("a repeated revocation is answered with a revision no earlier than any acknowledged before it", async () => {
    const { revocations } = await open();
    const revoked = revocation();
    await revocations.append(revoked);
    const later = await revocations.append(revocation());
    expect((await revocations.append(revoked)).revision).toBe(later.revision);
  });

  test("of 50 concurrent revocations of one selector the strongest stays", async () => {
    const underTest = await fresh();
    const stores = [await underTest.open(), await underTest.open()];
    const one = digest();
    const appends = stores.flatMap(({ revocations }, opener) =>
      Array.from({ length: 25 }, (_, place) =>
        revocations.append(revocation({ digest: one, cutOff: NOW - place - opener })),
      ),
    );
    await Promise.all(appends);
    expect(await liveIn(underTest, [one])).toMatchObject([{ cutOff: NOW }]);
  });

  describe("of two revocations of one selector the stronger wins, in either order:", () => {
    const [soon, late] = [NOW + KEEP_MARGIN_MS, NOW + HOUR + KEEP_MARGIN_MS];
    const cases: [string, Partial<Revocation>, Partial<Revocation>, object][] = [
      ["the later cut-off", { cutOff: NOW - 2 }, { cutOff: NOW - 1 }, { cutOff: NOW - 1, keepUntil: GREATEST }],
      ["absolute over a cut-off", { cutOff: NOW }, {}, { keepUntil: GREATEST }],
      ["absolute and for good, each from another", { cutOff: NOW, keep: "for-good" }, { keep: NOW }, {}],
      [
        "the later cut-off and the longer keep",
        { cutOff: 1, keep: NOW + HOUR },
        { cutOff: 2, keep: NOW },
        { cutOff: 2, keepUntil: late },
      ],
      [
        "a cut-off over none that is earlier",
        { cutOff: 2, keep: NOW },
        { cutOff: 1, keep: NOW },
        { cutOff: 2, keepUntil: soon },
      ],
    ];
    test.for(cases)("%s", async ([, one, other, expected]) => {
      const underTest = await fresh();
      const { revocations } = await underTest.open();
      for (const order of [
        [one, other],
        [other, one],
      ]) {
        const selector = digest();
        const acknowledged = [];
        for (const changes of order) {
          acknowledged.push(await revocations.append(revocation({ digest: selector, ...changes })));
        }
        // What the append says is held, and what whoever starts now is told.
        expect(acknowledged[1]?.held).toEqual({ digest: selector, ...expected });
        expect(await liveIn(underTest, [selector])).toEqual([{ digest: selector, ...expected }]);
      }
    });
  });

  test("a weaker revocation appends nothing", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const strong = revocation({ keep: "for-good" });
    await revocations.append(strong);
    const length = await underTest.logLength();
    const weaker = await revocations.append(revocation({ digest: strong.digest, cutOff: NOW, keep: NOW + HOUR }));
    expect(weaker.held).toEqual({ digest: strong.digest });
    expect(await underTest.logLength()).toBe(length);
  });
}

function incarnation(revision: string): string {
  return revision.slice(0, revision.indexOf("/"));
}

function position(revision: string): bigint[] {
  return revision
    .slice(revision.indexOf("/") + 1)
    .split("-")
    .map(BigInt);
}

function byPosition(one: bigint[], other: bigint[]): number {
  const place = one.findIndex((part, index) => part !== other[index]);
  return (one[place] ?? 0n) < (other[place] ?? 0n) ? -1 : 1;
}

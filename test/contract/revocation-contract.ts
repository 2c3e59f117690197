/** The live set: what is found, and what wins when a selector is revoked again. */
import { describe, expect, test } from "vitest";
import type { Revocation, Store } from "../../src/core/ports.ts";
import { digest, type FreshStore, HOUR, NOW, revocation } from "./store-under-test.ts";

export function revocationContract(fresh: FreshStore): void {
  const open = async (): Promise<Store> => (await fresh()).open();

  test("a revocation is found as soon as it is acknowledged", async () => {
    const { revocations } = await open();
    const revoked = revocation();
    expect((await revocations.append(revoked)).durability).toBe("local");
    expect(await revocations.find([revoked.digest])).toEqual([{}]);
  });

  test("a revocation acknowledged by one opener is found by another", async () => {
    const underTest = await fresh();
    const [one, other] = [await underTest.open(), await underTest.open()];
    const revoked = revocation();
    await one.revocations.append(revoked);
    expect(await other.revocations.find([revoked.digest])).toEqual([{}]);
  });

  test("nothing is found of what was never revoked", async () => {
    const { revocations } = await open();
    await revocations.append(revocation());
    expect(await revocations.find([digest(), digest()])).toEqual([undefined, undefined]);
  });

  test("asking for nothing finds nothing", async () => {
    const { revocations } = await open();
    expect(await revocations.find([])).toEqual([]);
  });

  test("what is found comes in the order in which it was asked for, each as often as asked", async () => {
    const { revocations } = await open();
    const absolute = revocation();
    const cutOff = revocation({ cutOff: NOW - HOUR });
    await revocations.append(absolute);
    await revocations.append(cutOff);
    const found = await revocations.find([cutOff.digest, digest(), absolute.digest, cutOff.digest]);
    expect(found).toEqual([{ cutOff: NOW - HOUR }, undefined, {}, { cutOff: NOW - HOUR }]);
  });

  test("a cut-off of 0 is a cut-off and not absolute", async () => {
    const { revocations } = await open();
    const revoked = revocation({ cutOff: 0 });
    await revocations.append(revoked);
    expect(await revocations.find([revoked.digest])).toEqual([{ cutOff: 0 }]);
  });

  test("digests are taken as bytes", async () => {
    const { revocations } = await open();
    const digests = [
      Buffer.alloc(16, 0),
      Buffer.alloc(16, 255),
      Buffer.from("0d0a000d0a2b3a2d00ff800000000000", "hex"),
    ];
    for (const one of digests) {
      await revocations.append(revocation({ digest: one, sealed: Buffer.from("3a2d3a00ff", "hex") }));
    }
    expect(await revocations.find(digests)).toEqual([{}, {}, {}]);
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
    expect(await stores[1]?.revocations.find([one])).toEqual([{ cutOff: NOW }]);
  });

  describe("of two revocations of one selector the stronger wins, in either order:", () => {
    const cases: [string, Partial<Revocation>, Partial<Revocation>, object][] = [
      ["the later cut-off", { cutOff: NOW - 2 }, { cutOff: NOW - 1 }, { cutOff: NOW - 1 }],
      ["absolute over a cut-off", { cutOff: NOW }, {}, {}],
      ["absolute over a cut-off that is kept longer", { cutOff: NOW, keep: "for-good" }, { keep: NOW }, {}],
      [
        "the later cut-off over one kept longer",
        { cutOff: 1, keep: "for-good" },
        { cutOff: 2, keep: NOW },
        { cutOff: 2 },
      ],
    ];
    test.for(cases)("%s", async ([, one, other, expected]) => {
      const { revocations } = await open();
      for (const order of [
        [one, other],
        [other, one],
      ]) {
        const selector = digest();
        for (const changes of order) {
          await revocations.append(revocation({ digest: selector, ...changes }));
        }
        expect(await revocations.find([selector])).toEqual([expected]);
      }
    });
  });

  test("a weaker revocation appends nothing", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const strong = revocation({ keep: "for-good" });
    await revocations.append(strong);
    const length = await underTest.logLength();
    await revocations.append(revocation({ digest: strong.digest, cutOff: NOW, keep: NOW + HOUR }));
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

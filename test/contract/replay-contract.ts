import { expect, test } from "vitest";
import type { ProofUse, ReplayStore } from "../../src/core/ports.ts";
import { at, digest, type FreshStore, HOUR, NOW, SECOND } from "./store-under-test.ts";

const UNTIL = NOW + 65 * SECOND;

export function replayContract(fresh: FreshStore): void {
  async function replays(): Promise<ReplayStore> {
    return (await (await fresh()).open()).replays;
  }

  test("the first use of a proof is the first, and the second a replay", async () => {
    const store = await replays();
    const key = digest();
    expect(await store.remember(key, undefined, UNTIL)).toBe("first");
    expect(await store.remember(key, undefined, UNTIL)).toBe("replayed");
  });

  test("another proof is another first", async () => {
    const store = await replays();
    expect(await store.remember(digest(), undefined, UNTIL)).toBe("first");
    expect(await store.remember(digest(), undefined, UNTIL)).toBe("first");
  });

  test("the same request may use its proof again, and none but it", async () => {
    const store = await replays();
    const [key, request] = [digest(), digest()];
    await store.remember(key, request, UNTIL);
    expect(await store.remember(key, digest(), UNTIL)).toBe("replayed");
    expect(await store.remember(key, undefined, UNTIL)).toBe("replayed");
    expect(await store.remember(key, request, UNTIL)).toBe("same_request");
  });

  test("a use without a request is repeated by no request", async () => {
    const store = await replays();
    const key = digest();
    await store.remember(key, undefined, UNTIL);
    expect(await store.remember(key, digest(), UNTIL)).toBe("replayed");
  });

  test("digests of any bytes are told apart", async () => {
    const store = await replays();
    const request = Buffer.from([0, 10, 13, 255, 0, 128, 39, 34, 92, 1, 2, 3, 4, 5, 6, 7]);
    expect(await store.remember(Buffer.alloc(16), request, UNTIL)).toBe("first");
    expect(await store.remember(Buffer.alloc(16), Buffer.from(request), UNTIL)).toBe("same_request");
    expect(await store.remember(Buffer.alloc(16, 1), request, UNTIL)).toBe("first");
  });

  test("of 50 uses at once exactly one is the first, at two instances", async () => {
    const underTest = await fresh();
    const instances = [await underTest.open(), await underTest.open()] as const;
    const key = digest();
    const uses = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        instances[index % 2 === 0 ? 0 : 1].replays.remember(key, undefined, UNTIL),
      ),
    );
    expect(uses.toSorted()).toEqual<ProofUse[]>(["first", ...Array.from({ length: 49 }, () => "replayed" as const)]);
  });

  test("a use is remembered by the next instance that opens the store", async () => {
    const underTest = await fresh();
    const key = digest();
    await (await underTest.open()).replays.remember(key, undefined, UNTIL);
    expect(await (await underTest.open()).replays.remember(key, undefined, UNTIL)).toBe("replayed");
  });

  test("a purge leaves a use whose proof has not expired", async () => {
    const underTest = await fresh();
    const key = digest();
    await (await underTest.open()).replays.remember(key, undefined, UNTIL);
    const store = await underTest.open({ clock: at(UNTIL - 1) });
    await store.purge();
    expect(await store.replays.remember(key, undefined, UNTIL)).toBe("replayed");
  });

  test("a use whose proof expired an hour ago takes no room any more", async () => {
    const underTest = await fresh();
    const expired = Date.now() - HOUR;
    const key = digest();
    await (await underTest.open({ clock: at(expired - SECOND) })).replays.remember(key, undefined, expired);
    const store = await underTest.open({ clock: at(expired + HOUR) });
    await store.purge();
    expect(await store.replays.remember(key, undefined, UNTIL)).toBe("first");
  });
}

/** Every row of the rotation table, edges included. */
import { expect, test } from "vitest";
import type { RotationOutcome } from "../../src/core/ports.ts";
import { CONTEXT, createFamily, DAY, type FreshStore, HOUR, NOW, rotation, SECOND } from "./store-under-test.ts";

const GRACE = 10 * SECOND;
const ROTATED_AT = NOW + SECOND;
/** What the first rotation by `rotation()` makes. */
const SUCCESSOR = { generation: 1, macKeyId: 2, rotatedAt: ROTATED_AT, idleExpiresAt: ROTATED_AT + 7 * DAY };
const OTHER = Buffer.alloc(16, 9);

export function rotationContract(fresh: FreshStore): void {
  async function rotatedOnce() {
    const store = await (await fresh()).open();
    const id = await createFamily(store);
    const first = await store.families.rotate(id, rotation());
    const refresh = (changes: Parameters<typeof rotation>[0]): Promise<RotationOutcome> =>
      store.families.rotate(id, rotation(changes));
    return { store, id, first, refresh };
  }

  test("the current generation rotates, and the successor is what was asked for", async () => {
    const { first } = await rotatedOnce();
    expect(first).toEqual({ outcome: "rotated", successor: SUCCESSOR });
  });

  test("a rotation is what the record says afterwards", async () => {
    const { store, id } = await rotatedOnce();
    expect(await store.families.read(id)).toMatchObject({ ...SUCCESSOR, expiresAt: NOW + 30 * DAY, dead: false });
  });

  test("a rotation leaves the sealed grant as it was", async () => {
    const store = await (await fresh()).open();
    const sealed = Buffer.from([0, 255, 10, 13, 0, 128]);
    const id = await createFamily(store, { sealed });
    await store.families.rotate(id, rotation());
    expect((await store.families.read(id))?.sealed).toEqual(sealed);
  });

  test("the successor rotates in its turn", async () => {
    const { refresh } = await rotatedOnce();
    const second = await refresh({ presented: 1, now: NOW + 2 * SECOND, macKeyId: 3 });
    expect(second).toMatchObject({ outcome: "rotated", successor: { generation: 2, macKeyId: 3 } });
  });

  test("a successor never outlives its family", async () => {
    const store = await (await fresh()).open();
    const id = await createFamily(store, { expiresAt: NOW + DAY, idleExpiresAt: NOW + DAY });
    const outcome = await store.families.rotate(id, rotation());
    expect(outcome).toMatchObject({ outcome: "rotated", successor: { idleExpiresAt: NOW + DAY } });
  });

  test("the predecessor retried within the grace gets the same successor", async () => {
    const { refresh } = await rotatedOnce();
    const retry = await refresh({ now: ROTATED_AT + SECOND, macKeyId: 99, idleMs: 1 });
    expect(retry).toEqual({ outcome: "retried", successor: SUCCESSOR, context: CONTEXT });
  });

  test("the predecessor retried exactly at the end of the grace is a retry", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ now: ROTATED_AT + GRACE })).toMatchObject({ outcome: "retried" });
  });

  test("the predecessor presented one millisecond past the grace is reuse", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ now: ROTATED_AT + GRACE + 1 })).toEqual({ outcome: "predecessor_reused" });
  });

  test("a retry by an instance whose clock is behind the rotation is a retry", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ now: ROTATED_AT - 5 })).toMatchObject({ outcome: "retried" });
  });

  test("retries never re-arm the window", async () => {
    const { refresh } = await rotatedOnce();
    await refresh({ now: ROTATED_AT + GRACE });
    expect(await refresh({ now: ROTATED_AT + GRACE + 1 })).toEqual({ outcome: "predecessor_reused" });
  });

  test("a grace of 0 makes the predecessor reuse at once", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ now: ROTATED_AT, graceMs: 0 })).toEqual({ outcome: "predecessor_reused" });
  });

  test("a predecessor with another request is reuse even within the grace", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ now: ROTATED_AT, request: OTHER })).toEqual({ outcome: "predecessor_reused" });
  });

  test("a retry from another context is answered alike, and told that of its rotation", async () => {
    const { refresh } = await rotatedOnce();
    const retry = await refresh({ now: ROTATED_AT, context: OTHER });
    expect(retry).toEqual({ outcome: "retried", successor: SUCCESSOR, context: CONTEXT });
  });

  test("a retry from elsewhere does not become the context that the next is measured by", async () => {
    const { refresh } = await rotatedOnce();
    await refresh({ now: ROTATED_AT, context: OTHER });
    expect(await refresh({ now: ROTATED_AT, context: CONTEXT })).toMatchObject({ context: CONTEXT });
  });

  test("a predecessor whose successor was used is stale even within the grace", async () => {
    const { refresh } = await rotatedOnce();
    await refresh({ presented: 1, now: ROTATED_AT + 1 });
    expect(await refresh({ now: ROTATED_AT + 2 })).toEqual({ outcome: "stale_generation" });
  });

  test("the grace of the second rotation covers the generation before it and no earlier one", async () => {
    const { refresh } = await rotatedOnce();
    await refresh({ presented: 1, now: ROTATED_AT + 1 });
    expect(await refresh({ presented: 1, now: ROTATED_AT + 2 })).toMatchObject({ outcome: "retried" });
    expect(await refresh({ presented: 0, now: ROTATED_AT + 2 })).toEqual({ outcome: "stale_generation" });
  });

  test("a generation that the store has not reached is beyond current", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ presented: 2 })).toEqual({ outcome: "beyond_current" });
  });

  test("a generation that the store has not reached is beyond current also where the store believes the family expired", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ presented: 2, now: NOW + 31 * DAY })).toEqual({ outcome: "beyond_current" });
  });

  test("a family that was never created is unknown", async () => {
    const store = await (await fresh()).open();
    expect(await store.families.rotate(Buffer.alloc(16, 3), rotation())).toEqual({ outcome: "unknown" });
  });

  test("a dead family is dead for every generation", async () => {
    const { store, id, refresh } = await rotatedOnce();
    await store.families.kill(id);
    for (const presented of [0, 1, 2]) {
      expect(await refresh({ presented })).toEqual({ outcome: "dead" });
    }
  });

  test("a family that is both dead and expired is dead", async () => {
    const { store, id, refresh } = await rotatedOnce();
    await store.families.kill(id);
    expect(await refresh({ presented: 1, now: NOW + 31 * DAY })).toEqual({ outcome: "dead" });
  });

  test("a refresh token unused until its idle expiry is expired, and one millisecond earlier is not", async () => {
    const store = await (await fresh()).open();
    const id = await createFamily(store, { idleExpiresAt: NOW + HOUR });
    expect(await store.families.rotate(id, rotation({ now: NOW + HOUR }))).toEqual({ outcome: "expired" });
    expect(await store.families.rotate(id, rotation({ now: NOW + HOUR - 1 }))).toMatchObject({ outcome: "rotated" });
  });

  test("a family ends at its expiry however often it was refreshed", async () => {
    const { refresh } = await rotatedOnce();
    for (let presented = 1; presented <= 5; presented += 1) {
      await refresh({ presented, now: NOW + presented * 5 * DAY });
    }
    expect(await refresh({ presented: 6, now: NOW + 30 * DAY })).toEqual({ outcome: "expired" });
  });

  test("an expired family is expired for the predecessor too", async () => {
    const { refresh } = await rotatedOnce();
    expect(await refresh({ presented: 0, now: NOW + 8 * DAY })).toEqual({ outcome: "expired" });
  });

  test("only a rotation changes the record", async () => {
    const { store, id, refresh } = await rotatedOnce();
    const before = await store.families.read(id);
    await refresh({ now: ROTATED_AT + 1, context: OTHER });
    await refresh({ now: ROTATED_AT + 1, request: OTHER });
    await refresh({ presented: 7 });
    await refresh({ presented: 1, now: NOW + 31 * DAY });
    expect(await store.families.read(id)).toEqual(before);
  });
}

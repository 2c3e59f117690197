/** What a follower of the log is told, and what a proof of freshness proves. */
import { expect, test } from "vitest";
import { until } from "../support/until.ts";
import { follow, recordingFollower } from "./recording-follower.ts";
import { startFollowerProcess } from "./run-follower-process.ts";
import { startStoreProcess } from "./run-store-process.ts";
import { at, DAY, digest, type FreshStore, HOUR, NOW, revocation, SECOND } from "./store-under-test.ts";

export function followContract(fresh: FreshStore): void {
  test("whoever starts is told the whole live set before the first proof", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const revoked = Array.from({ length: 2_500 }, () => revocation({ cutOff: NOW }));
    const { held } = await revocations.append(revocation({ keep: "for-good" }));
    await Promise.all(revoked.map((one) => revocations.append(one)));
    const { follower } = await follow(await underTest.open());
    expect(follower.proofs[0]?.entries).toBe(0);
    expect(follower.find(held.digest)).toEqual(held);
    expect(revoked.filter((one) => follower.find(one.digest)?.cutOff !== NOW)).toEqual([]);
  });

  test("what another instance appends arrives, whole and under the acknowledged revision", async () => {
    const underTest = await fresh();
    const { follower } = await follow(await underTest.open());
    const revoked = revocation({ cutOff: NOW - HOUR });
    const { revision, held } = await (await underTest.open()).revocations.append(revoked);
    const entry = await until("the entry arrives", () => follower.entries[0]);
    expect(entry).toEqual({ ...held, revision, sealed: revoked.sealed, appendedAt: expect.any(Number) });
  });

  test("what an instance appends itself arrives too", async () => {
    const store = await (await fresh()).open();
    const { follower } = await follow(store);
    const { revision } = await store.revocations.append(revocation());
    expect((await until("the entry arrives", () => follower.entries[0])).revision).toBe(revision);
  });

  test("what another process appends arrives", async () => {
    const underTest = await fresh();
    const { follower } = await follow(await underTest.open());
    const digests = Array.from({ length: 20 }, digest);
    const hexes = digests.map((one) => one.toString("hex"));
    const other = await startStoreProcess({
      address: underTest.address,
      what: "append",
      digests: hexes,
      thenDie: false,
    });
    await other.go();
    await until("all have arrived", () => digests.every((one) => follower.find(one)) || undefined);
    expect(new Set(follower.entries.map((entry) => entry.digest.toString("hex")))).toEqual(new Set(hexes));
  });

  test("entries arrive in the order of their revisions, none left out", async () => {
    const underTest = await fresh();
    const { follower } = await follow(await underTest.open());
    const { revocations } = await underTest.open();
    const revisions: string[] = [];
    for (let count = 0; count < 50; count += 1) {
      revisions.push((await revocations.append(revocation())).revision);
    }
    await until("all have arrived", () => follower.entries.length >= 50 || undefined);
    expect([...new Set(follower.entries.map(({ revision }) => revision))]).toEqual(revisions);
  });

  test("an entry says what is held after it, the stronger of both", async () => {
    const underTest = await fresh();
    const { follower } = await follow(await underTest.open());
    const { revocations } = await underTest.open();
    const one = digest();
    await revocations.append(revocation({ digest: one, cutOff: NOW, keep: NOW }));
    const { held } = await revocations.append(revocation({ digest: one, cutOff: NOW - 1, keep: "for-good" }));
    const second = await until("the second arrives", () => follower.entries[1]);
    expect(held).toEqual({ digest: one, cutOff: NOW });
    expect(second).toMatchObject(held);
    expect(second).not.toHaveProperty("keepUntil");
  });

  test("a proof names the head, and the same head as long as nothing is appended", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    const { revision } = await store.revocations.append(revocation());
    const { follower, following } = await follow(store);
    await following.prove();
    await following.prove();
    expect(new Set(follower.proofs.map((proof) => proof.revision))).toEqual(new Set([revision]));
  });

  test("proofs come by themselves, each asked for later than the one before", async () => {
    const { follower } = await follow(await (await fresh()).open());
    await until("five proofs", () => follower.proofs.length >= 5 || undefined);
    const times = follower.proofs.map(({ askedAt }) => askedAt);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test("a proof asked for after an acknowledgement comes after the entry", async () => {
    const underTest = await fresh();
    const { follower } = await follow(await underTest.open());
    const { revocations } = await underTest.open();
    const acknowledgedAt: number[] = [];
    for (let count = 0; count < 200; count += 1) {
      await revocations.append(revocation());
      acknowledgedAt.push(performance.now());
    }
    const last = acknowledgedAt.at(-1) ?? 0;
    await until("a proof of all", () => follower.proofs.some(({ askedAt }) => askedAt >= last) || undefined);
    for (const { askedAt, entries } of follower.proofs) {
      expect(entries).toBeGreaterThanOrEqual(acknowledgedAt.filter((time) => time <= askedAt).length);
    }
  });

  test("a proof asked for is dated from its asking, and waiting calls share it", async () => {
    const { follower, following } = await follow(await (await fresh()).open());
    const before = performance.now();
    const count = follower.proofs.length;
    await Promise.all(Array.from({ length: 1_000 }, () => following.prove()));
    const proofs = follower.proofs.slice(count);
    expect(proofs.at(-1)?.askedAt).toBeGreaterThanOrEqual(before);
    expect(proofs.at(-1)?.askedAt).toBeLessThanOrEqual(performance.now());
    expect(proofs.length).toBeLessThan(100);
  });

  test("a revision is reached when its entry has been taken", async () => {
    const underTest = await fresh();
    const { follower, following } = await follow(await underTest.open());
    const { revocations } = await underTest.open();
    const revoked = revocation();
    const { revision } = await revocations.append(revoked);
    await following.reach(revision);
    expect(follower.find(revoked.digest)).toBeDefined();
  });

  test("the revision of an empty store is reached at once", async () => {
    const { follower, following } = await follow(await (await fresh()).open());
    const [first] = follower.proofs;
    await following.reach(first?.revision ?? "");
    expect(follower.proofs.at(-1)?.revision).toBe(first?.revision);
  });

  test("a revision whose entry has been trimmed is reached", async () => {
    const underTest = await fresh();
    const { revocations } = await underTest.open();
    const { revision } = await revocations.append(revocation({ keep: "for-good" }));
    await revocations.append(revocation({ keep: "for-good" }));
    const later = await underTest.open({ clock: at(NOW + DAY) });
    await purgeAll(later);
    expect(await underTest.logLength()).toBe(1);
    const { following } = await follow(later);
    await following.reach(revision);
  });

  test("a revision that no log can have is unavailable, and keeps nobody else from what they ask", async () => {
    const { follower, following } = await follow(await (await fresh()).open());
    const head = follower.proofs.at(-1)?.revision ?? "";
    const [incarnation] = head.split("/");
    const impossible = `${incarnation}/99999999999999999999-99999999999999999999`;
    const [none, reached] = await Promise.allSettled([following.reach(impossible), following.reach(head)]);
    expect(none).toMatchObject({ status: "rejected", reason: { code: "store_unavailable" } });
    expect(reached.status).toBe("fulfilled");
  });

  test("a revision that the store has not come to is unavailable", async () => {
    const underTest = await fresh();
    const goBack = await underTest.snapshot();
    const before = await underTest.open();
    const { revision } = await before.revocations.append(revocation());
    await before.close();
    await goBack();
    const { following } = await follow(await underTest.open());
    await expect(following.reach(revision)).rejects.toMatchObject({ code: "store_unavailable" });
  });

  test("a revision of another store is unavailable", async () => {
    const { revocations } = await (await fresh()).open();
    const { revision } = await revocations.append(revocation());
    const [, position = ""] = revision.split("/");
    const { following } = await follow(await (await fresh()).open());
    await expect(following.reach(`00000000-0000-4000-8000-000000000000/${position}`)).rejects.toMatchObject({
      code: "store_unavailable",
    });
  });

  test.for(["", "/", "nonsense", "nonsense/nonsense", `${"9".repeat(10_000)}/1`])(
    "%j is no revision",
    async (revision) => {
      const { following } = await follow(await (await fresh()).open());
      await expect(following.reach(revision)).rejects.toMatchObject({ code: "invalid_request" });
    },
  );

  test("a follower that the log has been trimmed away from starts again from the live set", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    await store.revocations.append(revocation());
    const other = await startFollowerProcess(underTest.address);
    await other.hears("the first proof", ({ proved }) => proved !== undefined);
    other.freeze();
    const missed = Array.from({ length: 3 }, () => revocation({ keep: "for-good" }));
    for (const one of missed) {
      await store.revocations.append(one);
    }
    await purgeAll(await underTest.open({ clock: at(NOW + DAY) }));
    expect(await underTest.logLength()).toBe(1);
    other.thaw();
    const first = missed[0]?.digest.toString("hex") ?? "";
    await other.hears("what was trimmed, from the live set", ({ held }) => held?.includes(first) === true);
    expect(other.heard().some(({ doubted }) => doubted)).toBe(true);
    await other.hearsAfter(
      "a proof",
      ({ held }) => held?.includes(first) === true,
      ({ proved }) => proved !== undefined,
    );
  });

  test("one that has stopped is told nothing more, and waits for nothing", async () => {
    const underTest = await fresh();
    const store = await underTest.open();
    const follower = recordingFollower();
    const following = store.revocations.follow(follower);
    await following.prove();
    await following.stop();
    const told = follower.proofs.length;
    await expect(following.prove()).rejects.toMatchObject({ code: "store_unavailable" });
    await (await underTest.open({ clock: at(NOW + SECOND) })).revocations.append(revocation());
    expect(follower).toMatchObject({ entries: [], proofs: { length: told } });
  });

  test("a closed store proves nothing", async () => {
    const store = await (await fresh()).open();
    const { following } = await follow(store);
    await store.close();
    await expect(following.prove()).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(following.reach("x")).rejects.toMatchObject({ code: "invalid_request" });
  });
}

async function purgeAll(store: { purge(): Promise<number> }): Promise<void> {
  while ((await store.purge()) > 0) {
    // Until nothing is left to do.
  }
}

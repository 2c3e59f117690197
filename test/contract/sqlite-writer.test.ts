/** The thread that writes: nobody waits for it longer than agreed, and nothing that is read waits for it at all. */
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { startWriter } from "../../src/store/sqlite/writer.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { follow } from "./recording-follower.ts";
import { createFamily, DAY, digest, fixedClock, GREATEST_LIFETIME, NOW, revocation } from "./store-under-test.ts";

const UNAVAILABLE = { code: "store_unavailable" };

test("while another process holds the lock, a write is unavailable and everything is read", async () => {
  const { store, other } = await opened();
  const [id, token] = [await createFamily(store), digest()];
  await store.opaqueTokens.put(token, Buffer.from("sealed"), NOW + DAY);
  const { following } = await follow(store);
  other.exec("BEGIN IMMEDIATE");
  const writing = store.revocations.append(revocation()).catch((error: unknown) => error);
  const counting = store.networks.count(digest(), digest(), DAY).catch((error: unknown) => error);
  expect(await store.families.read(id)).toBeDefined();
  expect(await store.opaqueTokens.get(token)).toEqual(Buffer.from("sealed"));
  await following.prove();
  expect(await writing).toMatchObject(UNAVAILABLE);
  expect(await counting).toMatchObject(UNAVAILABLE);
  expect(await store.problem()).toBeUndefined();
});

test("the lock once given up, the store writes again", async () => {
  const { store, other } = await opened();
  other.exec("BEGIN IMMEDIATE");
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  other.exec("ROLLBACK");
  const revoked = revocation();
  await store.revocations.append(revoked);
  expect(await store.revocations.readSealed([revoked.digest])).toEqual([revoked.sealed]);
});

test("more writes than the thread is ever asked at once are refused at once", async () => {
  const { store, other } = await opened();
  other.exec("BEGIN IMMEDIATE");
  const writes = Array.from({ length: 5_000 }, () => store.families.kill(digest()).catch((error: unknown) => error));
  const refused = (await Promise.all(writes)).map((error) => (error instanceof Error ? error.cause : undefined));
  expect(refused.filter((cause) => cause instanceof Error && /too many/.test(cause.message)).length).toBe(904);
  expect(refused.filter((cause) => cause === undefined)).toEqual([]);
});

test("closing finishes what was accepted", async () => {
  const { store, other } = await opened(10_000);
  const appends = Array.from({ length: 200 }, () => store.revocations.append(revocation()));
  await Promise.all([store.close(), ...appends]);
  expect(other.prepare("SELECT count(*) AS entries FROM revocation_log").get()).toEqual({ entries: 200 });
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
});

test("what the thread is sent is nobody else's memory", async () => {
  const { store } = await opened();
  const sealed = Buffer.from("as it was");
  const revoked = revocation({ sealed });
  const appending = store.revocations.append(revoked);
  sealed.fill(0);
  await appending;
  expect(await store.revocations.readSealed([revoked.digest])).toEqual([Buffer.from("as it was")]);
});

test("the thread outlives a while in which the path cannot be looked at", async () => {
  const directory = await temporaryDirectory();
  const [inside, aside] = [join(directory, "data"), join(directory, "aside")];
  await mkdir(inside);
  const path = join(inside, "assay.db");
  const store = await openSqliteStore({ path, clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME });
  let ended: unknown;
  const writer = await startWriter({
    path,
    timeoutMs: 5_000,
    wallClock: fixedClock,
    ended: (cause) => (ended = cause),
  });
  onTestFinished(async () => {
    await writer.close();
    await store.close();
  });
  await rename(inside, aside);
  await symlink(inside, inside);
  await writer.write("killFamily", { id: digest() });
  await rm(inside);
  await rename(aside, inside);
  await writer.write("killFamily", { id: digest() });
  expect(ended).toBeUndefined();
});

async function opened(timeoutMs = 500): Promise<{ store: Store; other: DatabaseSync }> {
  const path = join(await temporaryDirectory(), "assay.db");
  const store = await openSqliteStore({ path, timeoutMs, clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME });
  const other = new DatabaseSync(path);
  onTestFinished(async () => {
    other.close();
    await store.close();
  });
  return { store, other };
}

/** What following a file has of its own: the thread that writes, a file copied over, many revocations. */
import { once } from "node:events";
import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { until } from "../support/until.ts";
import { follow } from "./recording-follower.ts";
import { createFamily, fixedClock, GREATEST_LIFETIME, NOW, revocation, rotation } from "./store-under-test.ts";

const UNAVAILABLE = { code: "store_unavailable" };

test("an old copy that is written over the file is noticed, and what it lacks is put back", async () => {
  const { store, path } = await opened();
  const { follower } = await follow(store);
  await store.revocations.append(revocation());
  checkpoint(path);
  await copyFile(path, `${path}.old`);
  const lost = revocation();
  await store.revocations.append(lost);
  const { ino } = await stat(path);
  // A heartbeat that is written between the two keeps what is to be lost in the write-ahead log: then it is done again.
  for (let attempt = 0; follower.doubts === 0 && attempt < 10; attempt++) {
    checkpoint(path);
    await copyFile(`${path}.old`, path);
    await Promise.race([delay(1_000), until("it is doubted", () => follower.doubts > 0 || undefined)]);
  }
  expect((await stat(path)).ino).toBe(ino);
  expect(follower.doubts).toBeGreaterThan(0);
  const proofs = follower.proofs.length;
  await until("it is proved again", () => follower.proofs.length > proofs || undefined);
  await store.close();
  const again = await opened(path);
  const { follower: newcomer } = await follow(again.store);
  expect(newcomer.find(lost.digest)).toEqual(follower.find(lost.digest));
});

test("where the log does not reach back to a follower, what it holds and the store lacks is put back", async () => {
  const { store, path } = await opened();
  const { follower } = await follow(store);
  const held = revocation();
  await store.revocations.append(held);
  await until("it is taken", () => follower.find(held.digest));
  // As after a restore, and more than an hour of revocations and purges, none of which the follower has seen.
  const database = new DatabaseSync(path);
  database.exec("BEGIN IMMEDIATE; DELETE FROM live_revocations; DELETE FROM revocation_log");
  database.exec("INSERT INTO revocation_log (position, at, digest, sealed) VALUES (1001, 1, x'', x'')");
  database.exec("UPDATE meta SET log_trimmed_to = 1000; COMMIT");
  database.close();
  await until("it is doubted", () => follower.doubts > 0 || undefined);
  const proofs = follower.proofs.length;
  await until("it is proved again", () => follower.proofs.length > proofs || undefined);
  expect(await store.revocations.readSealed([held.digest])).toEqual([Buffer.alloc(0)]);
});

test("another store put into the file closes the store for good", async () => {
  const { store, path } = await opened();
  const { follower, following } = await follow(store);
  const database = new DatabaseSync(path);
  database.exec("UPDATE meta SET incarnation = '00000000-0000-4000-8000-000000000000'");
  database.close();
  await until("it is doubted", () => follower.doubts > 0 || undefined);
  await expect(following.prove()).rejects.toMatchObject(UNAVAILABLE);
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  expect(await store.problem()).toContain("holds another store");
});

test("when the thread that writes ends, whoever waits is told, and the store says so", async () => {
  const starting = once(process, "worker");
  const { store, path } = await opened();
  const [worker]: Worker[] = await starting;
  const { follower } = await follow(store);
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const writes = Array.from({ length: 3 }, () => store.revocations.append(revocation()));
  const refused = Promise.all(writes.map((write) => write.catch((error: unknown) => error)));
  await worker?.terminate();
  expect(await refused).toMatchObject([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
  expect(await store.problem()).toMatch(/thread that writes .* has ended .*start Assay again/);
  await until("it is doubted", () => follower.doubts > 0 || undefined);
});

test("a live set of many is taken in parts, between which everything else goes on", { timeout: 60_000 }, async () => {
  const { store, path } = await opened();
  const database = new DatabaseSync(path, { timeout: 5_000 });
  onTestFinished(() => database.close());
  database.exec(`
    WITH RECURSIVE counter (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM counter WHERE number < 100000)
    INSERT INTO live_revocations SELECT randomblob(16), NULL, NULL, randomblob(80) FROM counter
  `);
  let turns = 0;
  let isTaken = false;
  const turn = (): void => {
    turns += 1;
    if (!isTaken) setImmediate(turn);
  };
  turn();
  const { follower } = await follow(store);
  isTaken = true;
  expect([...follower.held()].length).toBe(100_000);
  expect(turns).toBeGreaterThanOrEqual(100);
});

test("a family is as large after 10,000 rotations as after ten, and so is the file", { timeout: 120_000 }, async () => {
  const { store, path } = await opened();
  const id = await createFamily(store);
  const rotate = async (from: number, to: number): Promise<void> => {
    for (let presented = from; presented < to; presented += 1) {
      await store.families.rotate(id, rotation({ presented, now: NOW + presented }));
    }
  };
  await rotate(0, 10);
  const [row, pages] = [rowSize(path, id), pageCount(path)];
  await rotate(10, 10_000);
  // A generation of two bytes instead of one.
  expect(rowSize(path, id)).toBeLessThanOrEqual(row + 4);
  expect(pageCount(path)).toBe(pages);
});

async function opened(at?: string): Promise<{ store: Store; path: string }> {
  const path = at ?? join(await temporaryDirectory(), "assay.db");
  const options = { path, timeoutMs: 10_000, clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME };
  const store = await openSqliteStore(options);
  onTestFinished(() => store.close());
  return { store, path };
}

/** As SQLite does by itself from time to time: the file then holds everything, the log beside it nothing. */
function checkpoint(path: string): void {
  ask(path, "PRAGMA wal_checkpoint(TRUNCATE)");
}

function pageCount(path: string): unknown {
  return ask(path, "PRAGMA page_count")["page_count"];
}

function rowSize(path: string, id: Buffer): number {
  const row = ask(path, "SELECT * FROM families WHERE id = ?", id);
  return Object.values(row).reduce<number>((size, value) => size + sizeOf(value), 0);
}

function sizeOf(value: unknown): number {
  return value instanceof Uint8Array ? value.length : String(value).length;
}

function ask(path: string, sql: string, ...values: Buffer[]) {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  try {
    return database.prepare(sql).get(...values) ?? {};
  } finally {
    database.close();
  }
}

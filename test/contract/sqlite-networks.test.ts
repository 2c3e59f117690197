/** What the SQLite store keeps of tokens' networks: never more than a bound, and nothing whose loss would close it. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { acceptSqliteLoss } from "../../src/store/sqlite/operator.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { digest, fixedClock, GREATEST_LIFETIME, HOUR, NOW, revocation } from "./store-under-test.ts";

const GREATEST_ROWS = 100_000;

test("of more tokens than it keeps, those that it has known the longest are forgotten", async () => {
  const { store, database } = await opened();
  const [oldest, newest] = [digest(), digest()];
  await count(store, oldest);
  database.exec(`
    INSERT INTO networks (token, half, expires_at, sketch)
    WITH RECURSIVE counted (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM counted WHERE number < ${GREATEST_ROWS})
    SELECT randomblob(16), 0, ${NOW + HOUR}, x'000000000001' FROM counted
  `);
  expect(await count(store, oldest)).toBe(2);
  await count(store, newest);
  expect(database.prepare("SELECT count(*) AS rows FROM networks").get()).toEqual({ rows: GREATEST_ROWS });
  expect(await count(store, newest)).toBe(2);
  expect(await count(store, oldest)).toBe(1);
});

test("a network that is known already is counted without a write", async () => {
  const { store, database } = await opened();
  const [token, network] = [digest(), digest()];
  await store.networks.count(token, network, HOUR);
  const version = () => database.prepare("PRAGMA data_version").get();
  const before = version();
  await store.networks.count(token, network, HOUR);
  expect(version()).toEqual(before);
  await count(store, token);
  expect(version()).not.toEqual(before);
});

test("what is kept of a token does not grow beyond a bound", async () => {
  const { store, database } = await opened();
  const token = digest();
  await Promise.all(Array.from({ length: 2_000 }, () => count(store, token)));
  expect(database.prepare("SELECT length(sketch) AS size FROM networks").all()).toEqual([{ size: 768 }]);
});

test("a file that an earlier version made gets room for networks when it is opened", async () => {
  const { path, store, database } = await opened();
  const revoked = revocation();
  await store.revocations.append(revoked);
  await store.close();
  database.exec("DROP TABLE networks");
  const later = await open(path);
  expect(await count(later, digest())).toBe(1);
  expect(await later.revocations.readSealed([revoked.digest])).toEqual([revoked.sealed]);
});

test("a file without room for networks has lost nothing that an operator would have to accept", async () => {
  const { path, store, database } = await opened();
  await store.close();
  database.exec("DROP TABLE networks");
  expect(acceptSqliteLoss({ path, greatestLifetimeMs: GREATEST_LIFETIME, now: NOW })).toBeUndefined();
});

async function opened(): Promise<{ path: string; store: Store; database: DatabaseSync }> {
  const path = join(await temporaryDirectory(), "assay.db");
  const store = await open(path);
  const database = new DatabaseSync(path, { timeout: 5_000 });
  onTestFinished(() => database.close());
  return { path, store, database };
}

async function open(path: string): Promise<Store> {
  const options = { path, timeoutMs: 10_000, greatestLifetimeMs: GREATEST_LIFETIME, clock: fixedClock };
  const store = await openSqliteStore(options);
  onTestFinished(() => store.close());
  return store;
}

/** With a network that was never seen before. */
function count({ networks }: Store, token: Buffer): Promise<number> {
  return networks.count(token, digest(), HOUR);
}

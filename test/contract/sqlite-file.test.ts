/** The embedded store's file: where it lies, whose it is, and what happens when it goes. */
import { chmod, copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Store } from "../../src/core/ports.ts";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { refusalOf } from "./refusal-of.ts";
import { freshSqliteStore } from "./sqlite-under-test.ts";
import {
  at,
  createFamily,
  DAY,
  digest,
  fixedClock,
  GREATEST_LIFETIME,
  MARGIN,
  NOW,
  revocation,
  rotation,
} from "./store-under-test.ts";

const OPTIONS = { greatestLifetimeMs: GREATEST_LIFETIME };
const NOBODY = 65_534;

test("the folder is made for its owner alone, and so are the file and what SQLite puts beside it", async () => {
  const dir = join(await temporaryDirectory(), "deep", "data");
  const store = await openSqliteStore({ path: join(dir, "assay.db"), ...OPTIONS });
  onTestFinished(() => store.close());
  await store.revocations.append(revocation());
  expect(await mode(dir)).toBe(0o700);
  for (const name of ["assay.db", "assay.db-wal", "assay.db-shm"]) {
    expect(await mode(join(dir, name))).toBe(0o600);
  }
});

test("a file that others may read is closed to them", async () => {
  const path = join(await temporaryDirectory(), "assay.db");
  await writeFile(path, "", { mode: 0o644 });
  const store = await openSqliteStore({ path, ...OPTIONS });
  await store.close();
  expect(await mode(path)).toBe(0o600);
});

test("a folder that cannot be written to refuses the start, naming the file and the mend", async () => {
  const top = await temporaryDirectory();
  const dir = join(top, "read-only");
  await mkdir(dir);
  await chmod(top, 0o755);
  await chmod(dir, 0o555);
  const message = await withoutPrivileges(() =>
    refusalOf(openSqliteStore({ path: join(dir, "assay.db"), ...OPTIONS })),
  );
  expect(message).toContain(join(dir, "assay.db"));
  expect(message).toMatch(/cannot be opened for writing.*Let this user write to its folder.*store\.url/);
});

test("a folder that cannot be made refuses the start, naming the file", async () => {
  const file = join(await temporaryDirectory(), "file");
  await writeFile(file, "");
  const path = join(file, "data", "assay.db");
  expect(await refusalOf(openSqliteStore({ path, ...OPTIONS }))).toContain(path);
});

test("a file that is no database refuses the start and is left as it was", async () => {
  const path = join(await temporaryDirectory(), "assay.db");
  await writeFile(path, "this is no database, ".repeat(1_000));
  expect(await refusalOf(openSqliteStore({ path, ...OPTIONS }))).toContain(`${path} is not an SQLite database`);
  expect(await readFile(path, "utf8")).toMatch(/^this is no database/);
});

test("another program's database refuses the start and is left as it was", async () => {
  const path = join(await temporaryDirectory(), "assay.db");
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE theirs (column)");
  other.close();
  const before = await readFile(path);
  expect(await refusalOf(openSqliteStore({ path, ...OPTIONS }))).toContain("a database of another program");
  expect(await readFile(path)).toEqual(before);
});

test("a store that has lost its description of itself refuses the start", async () => {
  const path = join(await temporaryDirectory(), "assay.db");
  await (await openSqliteStore({ path, ...OPTIONS })).close();
  const database = new DatabaseSync(path);
  database.exec("DELETE FROM meta");
  database.close();
  expect(await refusalOf(openSqliteStore({ path, ...OPTIONS }))).toMatch(/has lost.*stays closed.*Restore/);
});

const LOSSES: [string, (path: string) => Promise<void>][] = [
  ["removed", (path) => rm(path)],
  ["removed with its folder", (path) => rm(dirname(path), { recursive: true })],
  [
    "replaced by its own copy",
    async (path) => {
      await copyFile(path, `${path}.copy`);
      await rename(`${path}.copy`, path);
    },
  ],
];

const OPERATIONS: [string, (store: Store, id: Buffer) => Promise<unknown>][] = [
  ["a revocation", (store) => store.revocations.append(revocation())],
  ["a search for what was sealed", (store) => store.revocations.readSealed([digest()])],
  ["a new family", (store) => createFamily(store)],
  ["a rotation", (store, id) => store.families.rotate(id, rotation())],
  ["the end of a family", (store, id) => store.families.kill(id)],
  ["a family's record", (store, id) => store.families.read(id)],
  ["an opaque token", (store) => store.opaqueTokens.put(digest(), Buffer.from("sealed"), NOW + DAY)],
  ["a search for an opaque token", (store) => store.opaqueTokens.get(digest())],
  ["a proof", (store) => store.replays.remember(digest(), undefined, NOW + DAY)],
  ["a network", (store) => store.networks.count(digest(), digest(), DAY)],
  ["a keyring", (store) => store.keyrings.swap(0, "records")],
  ["a search for the keyring", (store) => store.keyrings.read()],
  ["a purge", (store) => store.purge()],
];

test.for(LOSSES)("a file that is %s while it is open acknowledges and answers nothing more", async ([, lose]) => {
  const { store, path, id } = await openInFolder();
  await lose(path);
  for (const [, operation] of OPERATIONS) {
    await expect(operation(store, id)).rejects.toMatchObject({ code: "store_unavailable" });
  }
  expect(await store.problem()).toBe(
    `The store file ${path} was removed or replaced while Assay was running: stop it, restore the file, start again.`,
  );
});

test.for(OPERATIONS)("%s is the first to notice that the file is gone", async ([, operation]) => {
  const { store, path, id } = await openInFolder();
  await rm(path);
  await expect(operation(store, id)).rejects.toMatchObject({ code: "store_unavailable" });
});

test("a file that comes back does not open the store again: what was written meanwhile is not known", async () => {
  const { store, path } = await openInFolder();
  await rename(path, `${path}.away`);
  expect(await store.problem()).toContain("removed or replaced");
  await rename(`${path}.away`, path);
  expect(await store.problem()).toContain("removed or replaced");
  await expect(store.revocations.append(revocation())).rejects.toMatchObject({ code: "store_unavailable" });
});

test("a lost file's end leaves alone the store that was put in its place", async () => {
  const { store, path } = await openInFolder();
  await rm(dirname(path), { recursive: true });
  const other = await openSqliteStore({ path, ...OPTIONS });
  onTestFinished(() => other.close());
  const held = revocation();
  await other.revocations.append(held);
  await store.close();
  expect(await other.problem()).toBeUndefined();
  expect(await other.revocations.readSealed([held.digest])).toEqual([held.sealed]);
  expect(await stat(`${path}-wal`)).toMatchObject({ size: expect.any(Number) });
});

test("a purge takes families and opaque tokens that have long expired", async () => {
  const underTest = await freshSqliteStore();
  const store = await underTest.open();
  const [id, token] = [await createFamily(store, { expiresAt: NOW + DAY }), digest()];
  await store.opaqueTokens.put(token, Buffer.from("sealed"), NOW + DAY);
  const later = await underTest.open({ clock: at(NOW + DAY + MARGIN) });
  expect(await later.purge()).toBe(2);
  expect(await later.families.read(id)).toBeUndefined();
  expect(await later.opaqueTokens.get(token)).toBeUndefined();
});

/** A store with a family in it, in a folder of its own. */
async function openInFolder(): Promise<{ store: Store; path: string; id: Buffer }> {
  const path = join(await temporaryDirectory(), "data", "assay.db");
  const store = await openSqliteStore({ path, clock: fixedClock, ...OPTIONS });
  onTestFinished(() => store.close());
  return { store, path, id: await createFamily(store) };
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

/** Root may write everywhere, so what is to fail must not run as root. */
async function withoutPrivileges<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) {
    return work();
  }
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

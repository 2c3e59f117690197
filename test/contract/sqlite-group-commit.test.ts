/** What the writing thread does with all that has come while it was writing. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openForReading, openForWriting } from "../../src/store/sqlite/connection.ts";
import { prepareDatabaseFile } from "../../src/store/sqlite/database-file.ts";
import { commitTogether, type WriteRequest } from "../../src/store/sqlite/group-commit.ts";
import { monotonicMs } from "../../src/store/sqlite/monotonic.ts";
import type { WriteArgument, WriteName } from "../../src/store/sqlite/writes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { digest, GREATEST_LIFETIME, newFamily, NOW, revocation } from "./store-under-test.ts";

const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;

test("of a group, one that fails leaves the others", async () => {
  const { connection, count } = await openedForWriting();
  const [id, other] = [digest(), digest()];
  const outcomes = commitTogether(connection, [
    request(1, "createFamily", { id, record: newFamily() }),
    request(2, "createFamily", { id, record: newFamily() }),
    request(3, "createFamily", { id: other, record: newFamily() }),
  ]);
  expect(outcomes).toMatchObject([{ id: 1 }, { error: { message: /exists already/ } }, { id: 3 }]);
  expect(outcomes.filter((outcome) => "error" in outcome).length).toBe(1);
  expect(count("families")).toBe(2);
});

test("of a group, each sees what was written by those before it", async () => {
  const { connection, count } = await openedForWriting();
  const repeated = revocation();
  const outcomes = commitTogether(connection, [append(1, repeated), append(2, revocation()), append(3, repeated)]);
  expect(outcomes).toMatchObject([
    { result: { position: 1 } },
    { result: { position: 2 } },
    { result: { position: 2 } },
  ]);
  expect(count("revocation_log")).toBe(2);
});

test("on a full disk what has no room is refused, and what needs none goes on", async () => {
  const { connection, count } = await openedForWriting();
  const id = digest();
  commitTogether(connection, [request(1, "createFamily", { id, record: newFamily() })]);
  connection.database.exec("PRAGMA max_page_count = 1");
  const outcomes = commitTogether(connection, [
    append(2, revocation({ sealed: Buffer.alloc(100_000) })),
    request(3, "killFamily", { id }),
  ]);
  expect(outcomes).toMatchObject([{ id: 2, error: { errcode: SQLITE_FULL } }, { id: 3 }]);
  expect(outcomes[1]).not.toHaveProperty("error");
  expect([count("revocation_log"), count("live_revocations"), count("families WHERE dead = 1")]).toEqual([0, 0, 1]);
});

test("what nobody waits for any more is not begun, and answered all the same", async () => {
  const { connection, count } = await openedForWriting();
  const outcomes = commitTogether(connection, [
    { ...append(1, revocation()), deadline: monotonicMs() - 1 },
    append(2, revocation()),
  ]);
  expect(outcomes).toMatchObject([{ id: 1, error: { message: /too long/, errcode: SQLITE_BUSY } }, { id: 2 }]);
  expect(count("revocation_log")).toBe(1);
});

async function openedForWriting() {
  const path = join(await temporaryDirectory(), "assay.db");
  prepareDatabaseFile(path);
  const reader = await openForReading({ path, greatestLifetimeMs: GREATEST_LIFETIME, now: NOW });
  const connection = { ...openForWriting(path, 250), lastBeat: 0 };
  onTestFinished(() => {
    reader.database.close();
    connection.database.close();
  });
  const count = (table: string): unknown =>
    Object.values(reader.database.prepare(`SELECT count(*) FROM ${table}`).get() ?? {})[0];
  return { connection, count };
}

function append(id: number, revoked: ReturnType<typeof revocation>): WriteRequest<"append"> {
  return { id, write: "append", of: { revocation: revoked, now: NOW }, deadline: monotonicMs() + 60_000, wallNow: NOW };
}

function request<Name extends WriteName>(id: number, write: Name, of: WriteArgument<Name>) {
  return { id, write, of, deadline: monotonicMs() + 60_000, wallNow: NOW };
}

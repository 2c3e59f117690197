import { join } from "node:path";
import { backup, DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { openStore } from "./open-store.ts";
import { fixedClock, GREATEST_LIFETIME, type StoreUnderTest } from "./store-under-test.ts";

export async function freshSqliteStore(): Promise<StoreUnderTest> {
  const path = join(await temporaryDirectory(), "assay.db");
  const address = { kind: "sqlite", path } as const;
  return {
    address,
    async open(changes = {}) {
      const defaults = { clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME };
      const store = await openStore(address, { ...defaults, ...changes });
      onTestFinished(() => store.close());
      return store;
    },
    writeSchemaVersion: async (version) => void ask(path, "UPDATE meta SET schema_version = ?", version),
    readGreatestLifetime: async () => Number(ask(path, "SELECT greatest_lifetime_ms FROM meta")),
    familySize: async (id) =>
      Number(
        ask(
          path,
          `SELECT length(id) + length(generation) + length(mac_key_id) + length(rotated_at) + length(idle_expires_at)
             + length(expires_at) + length(request) + length(context) + length(sealed) FROM families WHERE id = ?`,
          id,
        ),
      ),
    snapshot: async () => {
      const copy = join(await temporaryDirectory(), "copy.db");
      await copyInto(path, copy);
      return () => copyInto(copy, path);
    },
    logLength: async () => Number(ask(path, "SELECT count(*) FROM revocation_log")),
  };
}

/** As `.backup` and `.restore` of SQLite's own shell do, whoever has the files open meanwhile. */
async function copyInto(from: string, to: string): Promise<void> {
  const database = new DatabaseSync(from, { timeout: 2_000 });
  try {
    await backup(database, to);
  } finally {
    database.close();
  }
}

/** The first column of the first row. */
function ask(path: string, sql: string, ...values: (number | Buffer)[]): SQLOutputValue | undefined {
  const database = new DatabaseSync(path, { timeout: 2_000 });
  try {
    const row = database.prepare(sql).get(...values);
    return row && Object.values(row)[0];
  } finally {
    database.close();
  }
}

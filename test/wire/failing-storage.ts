/** A store to be served from, the ways in which it fails, and all of its bytes. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { startRedisServer } from "../support/redis-server.ts";

/** `directory` is the server's. */
export type Storage = {
  /** For `store.url`; the embedded store of the server when undefined. */
  url: string | undefined;
  /** Fails in every way that it can, one after the other, while the calls are made; afterwards it works again. */
  fail(directory: string, calls: readonly (() => Promise<void>)[]): Promise<void>;
  dump(directory: string): Promise<Buffer>;
  /** What may be read in it. */
  harmless: string;
};

const TABLES = ["families", "opaque_tokens", "live_revocations"];

export const sqliteStorage: Storage = {
  url: undefined,
  async fail(directory, calls) {
    const database = new DatabaseSync(join(directory, "assay.db"));
    for (const table of TABLES) database.exec(`ALTER TABLE ${table} RENAME TO lost_${table}`);
    for (const call of calls) await call();
    for (const table of TABLES) database.exec(`ALTER TABLE lost_${table} RENAME TO ${table}`);
    // Each that writes waits for two seconds: one will do.
    database.exec("BEGIN IMMEDIATE");
    await calls.at(-1)?.();
    database.exec("ROLLBACK");
    database.close();
  },
  async dump(directory) {
    const files = ["assay.db", "assay.db-wal"].map((name) => readFile(join(directory, name)));
    return Buffer.concat(await Promise.all(files));
  },
  harmless: "CREATE TABLE revocation_log",
};

/** Gone when the test has finished. */
export async function redisStorage(): Promise<Storage> {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  return {
    url: redis.url,
    async fail(_directory, calls) {
      redis.pause();
      await Promise.all(calls.map((call) => call()));
      redis.resume();
      await redis.kill();
      for (const call of calls) await call();
      await redis.restart();
    },
    dump: () => redis.dump(),
    harmless: "assay:{revocations}:log",
  };
}

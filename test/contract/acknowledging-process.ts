/** Appends so many revocations, one after the other until one fails, and writes a line as each is acknowledged; then says how it went. */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AssayError } from "../../src/core/error.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { digest, fixedClock, GREATEST_LIFETIME, revocation } from "./store-under-test.ts";

const STANDARD_OUTPUT = 1;

const task = z.object({ path: z.string(), count: z.number(), timeoutMs: z.number() });
const { path, count, timeoutMs } = task.parse(JSON.parse(process.argv[2] ?? ""));
const store = await openSqliteStore({ path, timeoutMs, clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME });
let [outcome, readsMeanwhile] = ["acknowledged", 0];
const done = new AbortController();
await Promise.all([append(), read()]);
writeSync(STANDARD_OUTPUT, `${JSON.stringify({ outcome, readsMeanwhile })}\n`);
await store.close();

async function append(): Promise<void> {
  try {
    for (let begun = 0; begun < count; begun += 1) {
      readsMeanwhile = 0;
      await store.revocations.append(revocation());
      writeSync(STANDARD_OUTPUT, "acknowledged\n");
    }
  } catch (error) {
    outcome = error instanceof AssayError ? error.code : String(error);
  }
  done.abort();
}

async function read(): Promise<void> {
  while (!done.signal.aborted) {
    await store.families.read(digest());
    readsMeanwhile += 1;
    await sleep(5);
  }
}

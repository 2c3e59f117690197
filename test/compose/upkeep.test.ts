import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepPurged, keepReady } from "../../src/compose/upkeep.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const PURGE_FAILED = "expired records could not be removed from the store";

test("a purge that fails is a warning", async () => {
  expect(await levelOfAFailedPurge(undefined)).toEqual([["warn", PURGE_FAILED]]);
});

test("a purge that fails while the store has a problem, which readiness has logged, is silent", async () => {
  expect(await levelOfAFailedPurge("The disk is full.")).toEqual([["debug", PURGE_FAILED]]);
});

test("readiness says its first answer once that is there", async () => {
  const { log } = collectingLog();
  const readiness = keepReady([{ problem: () => "The disk is full." }], log, () => undefined);
  onTestFinished(() => readiness.stop());
  await readiness.first;
  expect(readiness.problem()).toBe("The disk is full.");
});

async function levelOfAFailedPurge(problem: string | undefined): Promise<[string, string][]> {
  const path = join(await temporaryDirectory(), "assay.db");
  const store = await openSqliteStore({ path, greatestLifetimeMs: 60_000 });
  await store.close();
  const { log, lines } = collectingLog();
  const purging = keepPurged({ ...store, problem: async () => problem }, log);
  onTestFinished(() => purging.stop());
  await purging.first;
  return lines;
}

function collectingLog() {
  const lines: [string, string][] = [];
  const at = (level: string) => (_fields: object, message: string) => void lines.push([level, message]);
  return { lines, log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") } };
}

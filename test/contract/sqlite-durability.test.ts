/** That an acknowledgement follows its fsync is seen in the system calls: a killed process alone leaves the page cache whole. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("acknowledging-process.ts", import.meta.url));

/** strace is Linux's. */
describe.runIf(process.platform === "linux")("the writing thread", () => {
  test("acknowledges nothing before the disk has it", { timeout: 120_000 }, async () => {
    const calls = await traced(["--trace=pwrite64,fsync,fdatasync,write"], { count: 40, timeoutMs: 20_000 });
    const history = calls.trace.flatMap(eventOf);
    expect(history.filter((event) => event === "acknowledged").length).toBe(40);
    expect(acknowledgedTooEarly(history)).toEqual([]);
  });

  test(
    "is not waited for longer than agreed when its disk does not answer, and reads go on",
    { timeout: 120_000 },
    async () => {
      const stuck = ["--trace=fsync,fdatasync", "--inject=fsync,fdatasync:delay_enter=1000000:when=20+"];
      const { output } = await traced(stuck, { count: 40, timeoutMs: 250 });
      const { outcome, readsMeanwhile } = end.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
      expect(outcome).toBe("store_unavailable");
      expect(readsMeanwhile).toBeGreaterThan(5);
    },
  );
});

const end = z.object({ outcome: z.string(), readsMeanwhile: z.number() });

type Event = "written" | "synced" | "acknowledged";

/** What was acknowledged while something written to the log beside the file was not synced, or with no sync since the one before. */
function acknowledgedTooEarly(history: readonly Event[]): number[] {
  let [isSynced, syncs] = [true, 0];
  return history.flatMap((event, place) => {
    if (event === "written") isSynced = false;
    if (event === "synced") [isSynced, syncs] = [true, syncs + 1];
    if (event !== "acknowledged") return [];
    const isEarly = !isSynced || syncs === 0;
    syncs = 0;
    return isEarly ? [place] : [];
  });
}

/** A call counts when it has returned; one that another thread came between is said in two lines. */
function eventOf(line: string): Event[] {
  if (/write\(1<.*, "acknowledged\\n"/.test(line)) return ["acknowledged"];
  if (/pwrite64\(\d+<[^>]*-wal>/.test(line)) return ["written"];
  return /f(?:data)?sync(?:\(\d+<[^>]*-wal>\)| resumed>\))\s+= 0/.test(line) ? ["synced"] : [];
}

async function traced(options: readonly string[], task: { count: number; timeoutMs: number }) {
  const folder = await temporaryDirectory();
  const trace = join(folder, "trace");
  const program = [process.execPath, SCRIPT, JSON.stringify({ ...task, path: join(folder, "assay.db") })];
  const { stdout } = await run("strace", ["-f", "-y", "--seccomp-bpf", "-o", trace, ...options, ...program]);
  return { output: stdout, trace: (await readFile(trace, "utf8")).split("\n") };
}

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const TOUR = new URL("../../scripts/tour.ts", import.meta.url).pathname;

const { ASSAY_STORE: _store, ...env } = process.env;

async function tour(variables: Record<string, string>): Promise<string> {
  const { stdout } = await run(process.execPath, [TOUR], { env: { ...env, ...variables }, timeout: 110_000 });
  return stdout;
}

test("the tour does what each of its steps says, over the embedded store", { timeout: 120_000 }, async () => {
  expect(await tour({})).toContain("every step did what it says");
});

test(
  "over one Redis with two server processes, what is revoked at one is inactive at the other",
  { timeout: 120_000 },
  async () => {
    const redis = await startRedisServer();
    const over = { ASSAY_STORE: redis.url, ASSAY_KEYS_DIR: await temporaryDirectory() };
    try {
      const printed = await tour(over);
      expect(printed).toContain("inactive at the other server too");
      expect(printed).toContain("every step did what it says");
      // The master key outlives the tour: the Redis is still good for others who have it.
      expect(await tour(over)).toContain("every step did what it says");
    } finally {
      await redis.remove();
    }
  },
);

test(
  "a Redis with default settings is refused with its settings and the way round for a trial",
  { timeout: 60_000 },
  async () => {
    const redis = await startRedisServer({ safe: false });
    const over = { ASSAY_STORE: redis.url, ASSAY_KEYS_DIR: await temporaryDirectory() };
    try {
      const refusal = await tour(over).catch(String);
      for (const word of ["appendonly", "ASSAY_STORE_UNSAFE_ALLOW_VOLATILE=true"]) expect(refusal).toContain(word);
      const trial = await tour({ ...over, ASSAY_STORE_UNSAFE_ALLOW_VOLATILE: "true" });
      expect(trial).toContain('"durability":"volatile"');
    } finally {
      await redis.remove();
    }
  },
);

/** The tour of a theft that stays. What it writes lies in a directory of its own. */
async function stayingTheft() {
  const directory = await temporaryDirectory();
  const child = spawn(process.execPath, [TOUR, "theft", "--stay"], { env: { ...env, TMPDIR: directory } });
  const ended = once(child, "close");
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  return {
    /** Resolves to what the pattern finds in all that it has printed. */
    prints: (pattern: RegExp) =>
      eventually(`it prints ${String(pattern)}`, () => pattern.exec(printed)?.[1] ?? undefined, 60_000),
    printed: () => printed,
    enter: () => child.stdin.write("\n"),
    interrupt: () => child.kill("SIGINT"),
    /** Resolves to its exit code. */
    ended: ended.then(([code]: unknown[]) => code),
    left: () => readdir(directory),
  };
}

test(
  "a theft is told by every way under the family's one fingerprint, and the console can be looked at while the tour stays",
  { timeout: 120_000 },
  async () => {
    const theft = await stayingTheft();
    const address = await theft.prints(/the console +(http:\S+)[^]*press Enter here to begin/);
    theft.enter();
    const family = await theft.prints(/\{"family":"([0-9a-f]{16})"\}[^]*Press Enter to end/);
    for (const way of ["assay watch --signals", "the OTLP receiver", "its audit trail"])
      expect(theft.printed()).toMatch(new RegExp(`after \\d\\S+ s  ${way} .*family ${family}`));
    expect(await (await fetch(address)).text()).toContain(family);
    theft.enter();
    expect(await theft.ended).toBe(0);
    expect(theft.printed()).toContain("every step did what it says");
    expect(await theft.left()).toEqual([]);
    await expect(fetch(address)).rejects.toThrow("fetch failed");
  },
);

test("a tour that is interrupted leaves nothing behind", { timeout: 60_000 }, async () => {
  const theft = await stayingTheft();
  const address = await theft.prints(/the console +(http:\S+)[^]*press Enter here to begin/);
  theft.interrupt();
  expect(await theft.ended).toBe(1);
  expect(await theft.left()).toEqual([]);
  await expect(fetch(address)).rejects.toThrow("fetch failed");
});

test("a tour that there is not is bad usage", async () => {
  await expect(run(process.execPath, [TOUR, "heist"], { env })).rejects.toMatchObject({ code: 2 });
});

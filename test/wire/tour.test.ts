import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startRedisServer } from "../support/redis-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const run = promisify(execFile);
const TOUR = new URL("../../scripts/tour.ts", import.meta.url).pathname;

async function tour(variables: Record<string, string>): Promise<string> {
  const { ASSAY_STORE: _store, ...env } = process.env;
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

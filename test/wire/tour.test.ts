import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startRedisServer } from "../support/redis-server.ts";

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
    try {
      const printed = await tour({ ASSAY_STORE: redis.url });
      expect(printed).toContain("inactive at the other server too");
      expect(printed).toContain("every step did what it says");
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
    try {
      const refusal = await tour({ ASSAY_STORE: redis.url }).catch(String);
      for (const word of ["appendonly", "ASSAY_STORE_UNSAFE_ALLOW_VOLATILE=true"]) expect(refusal).toContain(word);
      const trial = await tour({ ASSAY_STORE: redis.url, ASSAY_STORE_UNSAFE_ALLOW_VOLATILE: "true" });
      expect(trial).toContain('"durability":"volatile"');
    } finally {
      await redis.remove();
    }
  },
);

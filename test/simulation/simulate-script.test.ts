import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";

function simulate(...words: string[]) {
  const script = join(import.meta.dirname, "../../scripts/simulate.ts");
  // As from a shell: what vitest tells its own processes is not for it.
  return spawnSync(process.execPath, [script, ...words], { encoding: "utf8", env: { PATH: process.env["PATH"] } });
}

test("the figures of a week and the attacks are printed, and progress is told apart from them", () => {
  const { status, stdout, stderr } = simulate("--introspections", "20000", "--days", "2");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^[\d,]+ introspections in 2 days; seed 1/);
  expect(stdout).toMatch(/^ {2}networks of a token +[\d,]+ +1 /m);
  expect(stdout).toMatch(/^ {2}info token_context_changed network +[\d.,]+ +[\d.,]+$/m);
  expect(stdout).toMatch(/^ {2}all warnings +[\d.]+ +[\d.]+$/m);
  expect(stdout).toMatch(/^ {2}stolen refresh token +critical refresh_token_reuse +\d+ +\d+ +\d+ +360$/m);
  expect(stderr).toMatch(/^\[[\d.]+ s\] 2026-01-05\n\[[\d.]+ s\] 2026-01-06\n$/);
});

test("with --json all of it is one object", () => {
  const { stdout } = simulate("--introspections", "20000", "--days", "1", "--json");
  const judged = z.object({ found: z.record(z.string(), z.int()), warnings: z.array(z.object({ kind: z.string() })) });
  const shape = z.object({
    seed: z.literal(1),
    introspections: z.int().positive(),
    byOutcome: z.record(z.string(), z.int()),
    spreads: z.record(z.string(), z.object({ median: z.number(), p99: z.number(), max: z.number() })),
    detectors: z.object({ three: judged, one: judged }),
    attacks: z.array(z.object({ name: z.string(), finding: z.string(), kind: z.string(), delay: z.number() })),
  });
  expect(shape.safeParse(JSON.parse(stdout)).error).toBeUndefined();
});

test.each([
  ["--days", "0"],
  ["--introspections", "many"],
  ["--seed", "x"],
])("%s %s is refused with the usage", (...words) => {
  const { status, stderr } = simulate(...words);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^usage: npm run simulate/);
});

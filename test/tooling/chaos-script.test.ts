import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

function chaos(...words: string[]) {
  const script = join(import.meta.dirname, "../../scripts/chaos.ts");
  // As from a shell: what vitest tells its own processes is not for it.
  return spawnSync(process.execPath, [script, ...words], { encoding: "utf8", env: { PATH: process.env["PATH"] } });
}

test("the scenarios are listed with what happens in each", () => {
  const { status, stdout } = chaos("--list");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^kill-redis +kill -9 of Redis and of two instances on it, in turn \(200 times\)$/m);
});

test.each([["no-such-scenario"], ["kill-redis", "--cycles", "0"], ["--seed", "x"]])(
  "%s is refused with the usage",
  (...words) => {
    const { status, stderr } = chaos(...words);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^usage: npm run chaos[^]*scenarios: kill-redis,/);
  },
);

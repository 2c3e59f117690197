import { expect, onTestFinished, test, vi } from "vitest";
import { announce } from "../../src/cli/announcement.ts";
import { type ConfigInput, configSchema } from "../../src/config/schema.ts";

test("the password of the store is not shown", () => {
  const shown = announced({ store: "rediss://assay:hunter2@redis.example:6379/1" });
  expect(shown).toContain("rediss://assay:***@redis.example:6379/1");
  expect(shown).not.toContain("hunter2");
});

test("a service that is not ready says so and why, and offers nothing to try", () => {
  const config = { development: true, clients: [{ client_id: "web", audiences: ["https://api.example"] }] };
  expect(announced(config)).toContain("Try next:");
  const shown = announced(config, "The Redis at h:6379 has not been reached yet.");
  expect(shown).toMatch(/not ready yet.*The Redis at h:6379 has not been reached yet\.\n/);
  expect(shown).not.toContain("Try next:");
});

test("how many processes serve is said where there are several", () => {
  expect(announced({}, undefined, 4)).toMatch(/^ {2}workers {8}4$/m);
  expect(announced({})).not.toContain("workers");
});

test("where the console is served is said as a browser takes it", () => {
  expect(announced({ admin: { address: "127.0.0.1:50052" } })).toMatch(/^ {2}console {8}http:\/\/127\.0\.0\.1:50052$/m);
  expect(announced({ admin: { address: "10.0.0.1:443" } })).toContain("https://10.0.0.1:443");
  expect(announced({})).not.toContain("console");
});

function announced(changes: Partial<ConfigInput>, problem?: string, workers = 1): string {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  write.mockClear();
  const config = configSchema.parse({ issuer: "https://a.example", log: { format: "pretty" }, ...changes });
  announce({ config, source: "/etc/assay/assay.yaml", warnings: [], address: "127.0.0.1:1", problem, workers });
  return write.mock.calls.join("");
}

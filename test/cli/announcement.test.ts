import { expect, onTestFinished, test, vi } from "vitest";
import { announce } from "../../src/cli/announcement.ts";
import { configSchema } from "../../src/config/schema.ts";

test("the password of the store is not shown", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  const config = configSchema.parse({
    issuer: "https://a.example",
    store: "rediss://assay:hunter2@redis.example:6379/1",
    log: { format: "pretty" },
  });
  announce({ config, source: "/etc/assay/assay.yaml", warnings: [], address: "127.0.0.1:1" });
  const shown = write.mock.calls.join("");
  expect(shown).toContain("rediss://assay:***@redis.example:6379/1");
  expect(shown).not.toContain("hunter2");
});

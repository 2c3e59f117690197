import { defineConfig } from "vitest/config";

/** Set by CI, which counts the tests from this file. */
const report = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Fails the run when a token or secret of any test is found in anything that was logged or stored.
    globalSetup: ["../../test/support/leaks/search-run.ts"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});

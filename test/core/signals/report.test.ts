import { expect, test } from "vitest";
import { AssayError } from "../../../src/core/error.ts";
import { openTestCore } from "../../support/core-environment.ts";
import { introspected } from "../../support/core-requests.ts";

const notJoined = (): never => {
  throw new AssayError("keys_unavailable", "not joined");
};

test("a burst is told by a verifier too that has no keys yet, and each of its tokens answered", async () => {
  const core = await openTestCore();
  core.environment.keys = Object.defineProperties(
    { ...core.environment.keys },
    { selector: { get: notJoined }, fingerprint: { get: notJoined } },
  );
  const context = { clientIp: "192.0.2.7" };
  for (let count = 0; count < 20; count++)
    expect(await introspected(core, "no token", { context })).toMatchObject({ active: false });
  expect(core.signals.map(({ kind, detail }) => `${kind} ${detail}`)).toEqual([
    "bad_token_burst network",
    "bad_token_burst caller",
  ]);
});

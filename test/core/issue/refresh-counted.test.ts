import { expect, test } from "vitest";
import { openTestCore } from "../../support/core-environment.ts";
import { mintedChain, refreshed, refusal, revoked } from "../../support/core-requests.ts";

test("a rotation and its retry are counted as such", async () => {
  const core = await openTestCore();
  const first = await mintedChain(core);
  await refreshed(core, first.refresh.token);
  await refreshed(core, first.refresh.token);
  expect(core.rotations).toEqual(["rotated", "retried"]);
});

test("a reuse is counted once, and what follows as dead", async () => {
  const core = await openTestCore();
  const first = await mintedChain(core);
  const second = await refreshed(core, first.refresh.token);
  core.advance(11);
  await refusal(refreshed(core, first.refresh.token));
  await refusal(refreshed(core, second.refresh.token));
  expect(core.rotations).toEqual(["rotated", "predecessor_reused", "dead"]);
});

test("a token that is revoked, or no refresh token, is counted without a step in the store", async () => {
  const core = await openTestCore();
  const { sid, refresh } = await mintedChain(core);
  await revoked(core, { by: "sid", sid });
  await refusal(refreshed(core, refresh.token));
  await refusal(refreshed(core, "nonsense"));
  expect(core.rotations).toEqual(["dead", "refused"]);
});

import { expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import { openTestCore, type TestCore } from "../support/core-environment.ts";
import { mintedChain, refreshed, refusal, revoked, stateOf } from "../support/core-requests.ts";

/** Whose store has room for the revocation of a family, and then none to mark the family itself. */
function thatFillsUp(core: TestCore): TestCore {
  const { store } = core.environment;
  const families = { ...store.families, kill: refuseAsFull };
  return { ...core, environment: { ...core.environment, store: { ...store, families } } };
}

async function refuseAsFull(): Promise<void> {
  throw new AssayError("store_full", "the store is full and nothing was written");
}

test("a family revoked in a store that fills up meanwhile is not said to be as it was: the outcome is unknown", async () => {
  const core = await openTestCore();
  const { sid, accessToken } = await mintedChain(core);
  expect(await refusal(revoked(thatFillsUp(core), { by: "sid", sid }))).toBe("store_unavailable");
  expect(await stateOf(core, accessToken)).toBe("revoked");
  expect(await revoked(core, { by: "sid", sid })).toMatchObject({ durability: "local" });
});

test("nor is one whose refresh token is used again", async () => {
  const core = await openTestCore();
  const first = await mintedChain(core);
  const second = await refreshed(core, first.refresh.token);
  core.advance(11);
  expect(await refusal(refreshed(thatFillsUp(core), first.refresh.token))).toBe("store_unavailable");
  expect(await stateOf(core, second.accessToken)).toBe("revoked");
});

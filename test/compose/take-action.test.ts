import { expect, test } from "vitest";
import { openActions } from "../../src/compose/take-action.ts";
import { AssayError } from "../../src/core/error.ts";
import type { Act } from "../../src/core/signals/actions.ts";
import { caller, ISSUER } from "../support/core-environment.ts";
import { eventually } from "../support/eventually.ts";

const ACT: Act = {
  action: "revoke_token",
  suspect: { iss: ISSUER, jti: "t1" },
  caller: caller(),
  cause: "proof_replayed",
};

function taking(revoke: (act: Act) => Promise<void>) {
  const logged: string[] = [];
  const actions = openActions({ error: (_fields: object, message = "") => void logged.push(message) });
  return { take: actions.takenBy(revoke), drain: actions.drain, logged };
}

test("nothing of an action is done within the call that leads to it", async () => {
  const done: Act[] = [];
  const { take } = taking(async (act) => void done.push(act));
  take(ACT);
  await Promise.resolve();
  expect(done).toEqual([]);
  await eventually("it is done", async () => (done.length === 1 ? true : undefined));
});

test.each(["store_unavailable", "audit_unavailable"] as const)("after %s it is tried again", async (code) => {
  let tries = 0;
  const { take, drain, logged } = taking(async () => {
    tries += 1;
    if (tries === 1) throw new AssayError(code, "not now");
  });
  take(ACT);
  await drain(10_000, new AbortController().signal);
  expect(tries).toBe(2);
  expect(logged).toEqual([]);
});

test("what cannot be done is said in the log, and what comes beyond 256 at once", async () => {
  const { take, drain, logged } = taking(async () => {
    throw new Error("refused");
  });
  for (let count = 0; count < 257; count++) take(ACT);
  expect(logged).toEqual(["too many actions at once: a token that is misused lives on"]);
  await drain(10_000, new AbortController().signal);
  expect(logged).toHaveLength(257);
});

test("who stops waits for what is under way, and no longer than it may", async () => {
  const held = Promise.withResolvers<void>();
  const { take, drain } = taking(() => held.promise);
  take(ACT);
  await drain(1, new AbortController().signal);
  await drain(60_000, AbortSignal.abort());
  const drained = drain(60_000, new AbortController().signal);
  held.resolve();
  await expect(drained).resolves.toBeUndefined();
});

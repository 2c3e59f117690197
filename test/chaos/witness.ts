/** Short lives of tokens that each try one promise on purpose, where a load would come upon it by chance. */
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../support/until.ts";
import { MAX_STALENESS_MS } from "./instance-config.ts";
import type { Callable, RecordedCalls, Result, Target, Tokens } from "./recorded-calls.ts";

export type Witness = {
  calls: RecordedCalls;
  one: Callable;
  two: Callable;
};

const BEYOND_A_SECOND_MS = 1_100;

/** Revoked at one, by every name: at the other it must be inactive after the bound, or unavailable. @param between what happens before */
export async function revokedElsewhere(witness: Witness, between: () => void = () => undefined): Promise<void> {
  const { calls, one, two } = witness;
  const lives = [await minted(witness), await minted(witness), await minted(witness)];
  for (const { access } of lives) await calls.introspect(two, access);
  between();
  const [byToken, bySid, bySubject] = lives;
  if (byToken === undefined || bySid === undefined || bySubject === undefined) return;
  await revoked(witness, { by: "token", token: byToken.access });
  await revoked(witness, { by: "sid", sid: bySid.sid });
  await revoked(witness, { by: "subject", subject: bySubject.subject });
  await sleep(MAX_STALENESS_MS);
  for (const { access } of lives) {
    await calls.introspect(one, access);
    await calls.introspect(two, access);
  }
}

/**
 * Revoked behind a cut, where that may not be acknowledged: if it is, it counts on the other side too.
 * @returns asks there, for when the bound has passed
 */
export async function revokedBehind(witness: Witness, cut: () => void): Promise<() => Promise<void>> {
  const { calls, one, two } = witness;
  const lives = [await minted(witness), await minted(witness)];
  for (const { access } of lives) await calls.introspect(one, access);
  cut();
  for (const { access } of lives) await calls.revoke(two, { by: "token", token: access });
  return async () => {
    for (const { access } of lives) await calls.introspect(one, access);
  };
}

/** A token before the predecessor is used again: it is refused, and all that came of it is dead. */
export async function grandparentReplayed(witness: Witness): Promise<void> {
  const { calls, one, two } = witness;
  const first = await minted(witness);
  const second = await refreshed(witness, first);
  const third = await refreshed(witness, second);
  await calls.refresh(two, first);
  await calls.introspect(two, third.access);
  await calls.introspect(one, third.access);
}

/** A subject's tokens born until a second ago are revoked: one minted since, from an old family, is as old as that. */
export async function cutOffBetween(witness: Witness): Promise<void> {
  const { calls, one } = witness;
  const first = await minted(witness);
  // The sid says the birth by the store's clock, and cut-offs are whole seconds.
  const bornBySeconds = Math.floor(Number.parseInt(first.sid.replaceAll("-", "").slice(0, 12), 16) / 1_000);
  await sleep(BEYOND_A_SECOND_MS);
  const second = await refreshed(witness, first);
  await calls.introspect(one, second.access);
  await revoked(witness, { by: "subject", subject: first.subject, bornBySeconds });
  await calls.introspect(one, second.access);
}

async function minted({ calls, one }: Witness): Promise<Tokens> {
  const subject = `witness-${performance.now()}`;
  return answered("a token is minted", () => calls.mint(one, subject, "JWT"));
}

async function refreshed({ calls, one }: Witness, tokens: Tokens): Promise<Tokens> {
  return answered("a token is refreshed", () => calls.refresh(one, tokens));
}

async function revoked({ calls, one }: Witness, target: Target): Promise<void> {
  await answered("a revocation is acknowledged", () => calls.revoke(one, target));
}

function answered<Value>(what: string, ask: () => Promise<Result<Value>>): Promise<Value> {
  return until(what, async () => (await ask()).value);
}

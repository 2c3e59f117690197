import type { Random } from "../../chaos/random.ts";
import { introspected } from "../observe.ts";
import type { Observation, Seen, TokenIdentity } from "../observation.ts";
import { between } from "../seeded.ts";
import { SECOND } from "../time.ts";
import type { Person } from "./person.ts";

/** Of proofs, those that a client makes by a clock that is too far off. */
const BAD_PROOFS = 0.001;
/** Of proofs, those that come twice: the caller lost the answer and repeats its call. */
const REPEATED_CALLS = 0.003;

/**
 * One request of a client: each service that it reaches asks for the token.
 * @returns how many of them were told that it has expired
 */
export function requestWith(
  { asks, where, holder }: Person,
  token: TokenIdentity,
  from: number,
  random: Random,
  seen: Observation[],
): number {
  let at = from;
  let refusals = 0;
  for (const by of random.oneOf(asks)) {
    const circumstances = { at, by, context: where(at) };
    if (token.expiresAt <= at) {
      refusals += 1;
      seen.push(introspected(random, circumstances, "expired", token));
    } else if (holder.boundTo === undefined) seen.push(introspected(random, circumstances, "active", token));
    else proved(circumstances, token, holder.boundTo, random, seen);
    at += between(random, 2, 40);
  }
  return refusals;
}

function proved(
  circumstances: Parameters<typeof introspected>[1],
  token: TokenIdentity,
  key: string,
  random: Random,
  seen: Observation[],
): void {
  const { at } = circumstances;
  const id = `${token.id}/proof-${at}-${circumstances.by.audience}`;
  const call: Pick<Seen, "proof" | "requestId"> = { proof: { id, key }, requestId: `call-${id}` };
  const outcome = random.chance(BAD_PROOFS) ? "invalid_proof" : "active";
  seen.push(introspected(random, { ...circumstances, ...call }, outcome, token));
  if (outcome === "invalid_proof" || !random.chance(REPEATED_CALLS)) return;
  const later = Math.min(at + between(random, 200, 2 * SECOND), token.expiresAt - 1);
  seen.push(introspected(random, { ...circumstances, ...call, at: later }, outcome, token));
}

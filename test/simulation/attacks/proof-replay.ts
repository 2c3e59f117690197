import { LOGIN, SERVICES } from "../callers.ts";
import { introspected } from "../observe.ts";
import { between, randomFor } from "../seeded.ts";
import { SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, victim } from "./victim.ts";

const KEY = "key-of-victim";

/** A request is recorded on its way, and sent again: the same token, the same proof, a call of its own. */
export function proofReplay(seed: number, start: number): Attacked {
  const random = randomFor(seed, "proof replay");
  const { session, context, seen } = victim(random, start, { boundTo: KEY });
  const [by = LOGIN] = SERVICES;
  const proof = { id: `${session.access.id}/proof-1`, key: KEY };
  const at = start + 30 * SECOND;
  const own = introspected(random, { at, by, context, proof, requestId: "call-1" }, "active", session.access);
  const there = thief(random);
  const theirs = [1, 2, 3].map((nth) => {
    const later = at + nth * between(random, 5, 12) * SECOND;
    const call = { at: later, by, context: there, proof, requestId: `call-of-thief-${nth}` };
    return introspected(random, call, "proof_replayed", session.access);
  });
  const inOrder = theirs.toSorted((one, other) => one.at - other.at);
  return attacked("proof_replay", { token: session.access.id }, [...seen, own], inOrder);
}

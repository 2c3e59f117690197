import { LOGIN, SERVICES } from "../callers.ts";
import { introspected } from "../observe.ts";
import { randomFor } from "../seeded.ts";
import { SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, victim } from "./victim.ts";

/** A token that is bound to the victim's key comes with good proofs of the thief's. */
export function otherKey(seed: number, start: number): Attacked {
  const random = randomFor(seed, "other key");
  const key = "key-of-victim";
  const { session, context, seen } = victim(random, start, { boundTo: key });
  const [by = LOGIN] = SERVICES;
  const { access } = session;
  const call = (nth: number, from: number) => ({ at: from + nth * 4 * SECOND, by, requestId: `call-${from}-${nth}` });
  const own = [1, 2, 3].map((nth) => {
    const proof = { id: `${access.id}/proof-${nth}`, key };
    return introspected(random, { ...call(nth, start), context, proof }, "active", access);
  });
  const there = thief(random);
  const theirs = [1, 2, 3].map((nth) => {
    const proof = { id: `thief/proof-${nth}`, key: "key-of-thief" };
    return introspected(random, { ...call(nth, start + 30 * SECOND), context: there, proof }, "invalid_proof", access);
  });
  return attacked("other_key", { token: access.id }, [...seen, ...own], theirs);
}

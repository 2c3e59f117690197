import { SERVICES } from "../callers.ts";
import { keyIdAt } from "../observe.ts";
import { randomFor } from "../seeded.ts";
import { type Attacked, attacked } from "./attack.ts";
import { unrecognised } from "./unrecognised.ts";
import { thief } from "./victim.ts";

/** Forged tokens for one service, from everywhere. */
export function badSignaturesByCaller(seed: number, start: number): Attacked {
  const random = randomFor(seed, "bad signatures by caller");
  const by = random.oneOf(SERVICES);
  const theirs = unrecognised(random, {
    outcome: "bad_signature",
    from: start,
    count: 200,
    gap: 300,
    by: () => by,
    context: () => thief(random),
    keyId: keyIdAt,
  });
  return attacked("bad_token_burst", { caller: by.name }, [], theirs);
}

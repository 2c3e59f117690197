import { SERVICES } from "../callers.ts";
import { randomFor } from "../seeded.ts";
import { type Attacked, attacked } from "./attack.ts";
import { unrecognised } from "./unrecognised.ts";
import { thief } from "./victim.ts";

/** Tokens whose headers name keys that nobody has, each another one: in the hope that keys are fetched for each. */
export function unknownKeyBurst(seed: number, start: number): Attacked {
  const random = randomFor(seed, "unknown key burst");
  const by = random.oneOf(SERVICES);
  const context = thief(random);
  const theirs = unrecognised(random, {
    outcome: "unknown_key",
    from: start,
    count: 300,
    gap: 200,
    by: () => by,
    context: () => context,
    keyId: () => `made-up-${random.below(2 ** 32).toString(16)}`,
  });
  return attacked("unknown_key_burst", { caller: by.name }, [], theirs);
}

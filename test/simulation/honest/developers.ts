import type { Random } from "../../chaos/random.ts";
import { SERVICES } from "../callers.ts";
import type { Context, Observation, TokenIdentity } from "../observation.ts";
import { introspected, issued } from "../observe.ts";
import { between } from "../seeded.ts";
import { logIn } from "../session.ts";
import { HOUR, MINUTE, SECOND } from "../time.ts";
import { behaviour } from "../world.ts";
import { officeAddress } from "./company-addresses.ts";
import { sittings } from "./rhythm.ts";

type Trial = { token: TokenIdentity; context: Context };

const PEOPLE = 25;
const RHYTHM = { sittings: 1, length: 20 * MINUTE, hours: "office" } as const;
const HAND_COPIED = ["malformed", "bad_signature", "issuer_not_trusted"] as const;

/** People with a terminal: tokens that were cut off or altered in copying, and old ones pasted again hours later. */
export const developers = behaviour("developers at a terminal", PEOPLE, (world, random, index) => {
  const context = { clientIp: officeAddress(0), userAgent: "curl/8.14.1" };
  const holder = { subject: `developer-${index}`, client: "cli", format: "access_jwt" } as const;
  const seen: Observation[] = [];
  for (const { from } of sittings(world, RHYTHM, random)) {
    const { access: token } = logIn(holder, from, context);
    seen.push(issued(random, from, context, token));
    tryOut({ token, context }, from, random, seen);
    if (random.chance(0.3)) pasteAgain({ token, context }, from, random, seen);
  }
  return seen.toSorted((one, other) => one.at - other.at);
});

/** A handful of requests, one in twenty with a token that did not survive the copying. */
function tryOut({ token, context }: Trial, from: number, random: Random, seen: Observation[]): void {
  let at = from;
  for (let left = between(random, 2, 9); left > 0; left--) {
    at += between(random, 5 * SECOND, MINUTE);
    const circumstances = { at, by: random.oneOf(SERVICES), context };
    if (!random.chance(0.05)) seen.push(introspected(random, circumstances, "active", token));
    else seen.push(introspected(random, circumstances, random.oneOf(HAND_COPIED)));
  }
}

/** The same line of the shell's history, after lunch. */
function pasteAgain({ token, context }: Trial, from: number, random: Random, seen: Observation[]): void {
  let at = from + between(random, HOUR, 5 * HOUR);
  for (let left = between(random, 1, 4); left > 0; left--) {
    seen.push(introspected(random, { at, by: random.oneOf(SERVICES), context }, "expired", token));
    at += between(random, 2 * SECOND, MINUTE);
  }
}

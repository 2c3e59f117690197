import type { Random } from "../../chaos/random.ts";
import { SERVICES } from "../callers.ts";
import { temporaryAddress } from "../honest/addresses.ts";
import type { Context, Observation, TokenIdentity } from "../observation.ts";
import { introspected, issued } from "../observe.ts";
import { between } from "../seeded.ts";
import { type Holder, logIn, type Session } from "../session.ts";

type Use = { from: number; until: number; gap: number; context?: Context };

const AT_HOME: Context = {
  clientIp: "10.1.2.3",
  userAgent:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
};
const THIEVES_AGENTS = ["python-requests/2.32.5", "curl/8.14.1", "Go-http-client/2.0"] as const;
const FORWARDING = SERVICES.filter(({ forwards }) => forwards);

/** Somebody who has just logged in. */
export function victim(
  random: Random,
  start: number,
  holder: Partial<Holder> = {},
): { session: Session; context: Context; seen: Observation[] } {
  const session = logIn({ subject: "victim", client: "web", format: "access_jwt", ...holder }, start, AT_HOME);
  return { session, context: AT_HOME, seen: [issued(random, start, AT_HOME, session.access)] };
}

/** Somewhere else, with something else. */
export function thief(random: Random): Context {
  const network = `2001:db8:dead:${random.below(2 ** 16).toString(16)}`;
  return { clientIp: temporaryAddress(random, network), userAgent: random.oneOf(THIEVES_AGENTS) };
}

/** Uses of a token at the services, one every `gap` milliseconds or so. The victim's where no context is given. */
export function uses(random: Random, token: TokenIdentity, use: Use): Observation[] {
  const { from, until, gap, context = AT_HOME } = use;
  const seen: Observation[] = [];
  for (let at = from; at < until; at += between(random, Math.ceil(gap / 2), Math.ceil(gap * 1.5))) {
    const outcome = at < token.expiresAt ? "active" : "expired";
    seen.push(introspected(random, { at, by: random.oneOf(FORWARDING), context }, outcome, token));
  }
  return seen;
}

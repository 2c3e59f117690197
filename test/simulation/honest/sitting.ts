import type { Random } from "../../chaos/random.ts";
import { LOGIN } from "../callers.ts";
import { introspected, issued } from "../observe.ts";
import type { Observation } from "../observation.ts";
import { between, exponential } from "../seeded.ts";
import { logIn, type Session } from "../session.ts";
import { SECOND } from "../time.ts";
import type { Person } from "./person.ts";
import { refresh } from "./refresh.ts";
import { requestWith } from "./request.ts";
import type { Sitting } from "./rhythm.ts";

type Sat = {
  /** In no particular order. */
  seen: Observation[];
  /** What the client still holds. */
  left: Session | undefined;
};

/** Clients refresh this long before the expiry that they know of. */
const MARGIN = 10 * SECOND;

/** What is seen of a person from coming to going: log-in where there is no family, requests, refreshes, perhaps a log-out. */
export function sit(person: Person, { from, until }: Sitting, random: Random, kept: Session | undefined): Sat {
  const seen: Observation[] = [];
  const { habits } = person;
  let at = from;
  if (random.chance(habits.asksTooEarly)) {
    askTooEarly(person, at, random, seen);
    at += SECOND;
  }
  let session = kept;
  let refusals = 0;
  let last = from;
  while (at < until) {
    if (session === undefined || session.refresh.expiresAt <= at) {
      session = logIn(person.holder, at, person.where(at));
      seen.push(issued(random, at, person.where(at), session.access));
      at += between(random, 100, 400);
    } else if (isDue(person, session, at, refusals, random)) {
      const outcome = refresh(person, session, at, random, seen);
      session = outcome.session;
      at = outcome.readyAt;
      refusals = 0;
    }
    refusals += requestWith(person, session.access, at, random, seen);
    last = at;
    at += between(random, 50, 500) + exponential(random, habits.gap);
  }
  if (session === undefined || !random.chance(habits.logsOut)) return { seen, left: session };
  logOut(person, session, last + between(random, 1, 10) * SECOND, random, seen);
  return { seen, left: undefined };
}

function isDue({ habits }: Person, { access }: Session, at: number, refusals: number, random: Random): boolean {
  // Requests in flight are refused together, and some clients try once more: mostly one to three, seldom more.
  if (refusals > 0 && random.chance(0.6)) return true;
  return habits.looksAtExpiry && at - habits.clockBehind >= access.expiresAt - MARGIN;
}

/** Pages that send what they have before they have anything. */
function askTooEarly(person: Person, at: number, random: Random, seen: Observation[]): void {
  for (const by of random.oneOf(person.asks)) {
    const early = at + between(random, 1, 900);
    seen.push(introspected(random, { at: early, by, context: person.where(early) }, "malformed"));
  }
}

/** The token is revoked, and what was under way with it is refused. */
function logOut(person: Person, { access }: Session, at: number, random: Random, seen: Observation[]): void {
  if (access.expiresAt <= at + 5 * SECOND) return;
  for (let left = random.below(5); left > 0; left--) {
    const late = at + between(random, 20, 5 * SECOND);
    const [by = LOGIN] = random.oneOf(person.asks);
    seen.push(introspected(random, { at: late, by, context: person.where(late) }, "revoked", access));
  }
}

import type { Observation } from "../observation.ts";
import { refreshed } from "../observe.ts";
import { randomFor } from "../seeded.ts";
import { rotate } from "../session.ts";
import { MINUTE, SECOND } from "../time.ts";
import { type Attacked, attacked } from "./attack.ts";
import { thief, uses, victim } from "./victim.ts";

/** A thief refreshes with the victim's token, once or a few times, and works with what comes of it; then the victim refreshes. */
export function stolenRefreshToken(seed: number, start: number): Attacked {
  const random = randomFor(seed, "stolen refresh token");
  const { session, context, seen } = victim(random, start);
  const there = thief(random);
  const innocent = [
    ...seen,
    ...uses(random, session.access, { from: start + SECOND, until: start + 12 * MINUTE, gap: 25 * SECOND }),
  ];
  // So that every third seed makes each.
  const rotations = 1 + (Math.abs(seed) % 3);
  let stolen = session;
  let at = start + 8 * MINUTE;
  const hostile: Observation[] = [];
  for (let left = rotations; left > 0; left--) {
    const next = rotate(stolen, at, there);
    hostile.push(refreshed(random, { at, context: there }, "rotated", stolen, next));
    hostile.push(
      ...uses(random, next.access, { from: at + SECOND, until: at + 40 * SECOND, gap: 5 * SECOND, context: there }),
    );
    stolen = next;
    at += MINUTE;
  }
  // Long after the grace.
  const outcome = rotations === 1 ? "predecessor_reused" : "stale_generation";
  hostile.push(refreshed(random, { at: start + 14 * MINUTE, context }, outcome, session));
  return attacked("refresh_reuse", { family: session.refresh.family ?? "" }, innocent, hostile);
}

import { backendJobs } from "./honest/backend-jobs.ts";
import { corporateProxies } from "./honest/corporate-proxies.ts";
import { couriers } from "./honest/couriers.ts";
import { deploys } from "./honest/deploys.ts";
import { developers } from "./honest/developers.ts";
import { dpopClients } from "./honest/dpop-clients.ts";
import { fleets } from "./honest/fleets.ts";
import { gatewayUsers } from "./honest/gateway-users.ts";
import { keyRotation } from "./honest/key-rotation.ts";
import { mobileUsers } from "./honest/mobile-users.ts";
import { monitoringProbes } from "./honest/monitoring-probes.ts";
import { officeWorkers } from "./honest/office.ts";
import { travellers } from "./honest/travellers.ts";
import { webSessions } from "./honest/web-sessions.ts";
import { merge } from "./merge.ts";
import type { Observation } from "./observation.ts";
import { DAY } from "./time.ts";
import type { Actor, Behaviour } from "./world.ts";

/** `source` is the behaviour it comes from: for whoever judges a detector, and nothing that a server could know. */
export type Simulated = Observation & { source: string };

export type WeekOptions = {
  seed: number;
  /** About how many introspections seven days hold: people and machines become more or fewer, their habits stay. */
  introspections: number;
  /** From Monday on, 7 at most; 7 where absent. */
  days?: number;
  /** Some behaviours alone; all where absent. */
  only?: readonly Behaviour[];
};

/** A Monday, midnight. */
const START = Date.UTC(2026, 0, 5);
const DEFAULT_INTROSPECTIONS = 1_000_000;

export const BEHAVIOURS: readonly Behaviour[] = [
  webSessions,
  mobileUsers,
  couriers,
  officeWorkers,
  travellers,
  corporateProxies,
  gatewayUsers,
  dpopClients,
  backendJobs,
  fleets,
  monitoringProbes,
  developers,
  keyRotation,
  deploys,
];

/** What the instances observe in a week without any misuse, in order of time. Lazy; the same for the same options. */
export function honestWeek({ seed, introspections, days = 7, only = BEHAVIOURS }: WeekOptions): Iterable<Simulated> {
  const world = { seed, start: START, end: START + days * DAY, scale: introspections / DEFAULT_INTROSPECTIONS };
  return merge(
    only.flatMap(({ name, actors }) => Array.from(actors(world), (actor) => labelled(actor, name, world.end))),
  );
}

function* labelled(actor: Actor, source: string, end: number): Generator<Simulated, void, undefined> {
  for (const observation of actor) {
    if (observation.at >= end) return;
    yield Object.assign(observation, { source });
  }
}

import type { Simulated } from "./honest-week.ts";
import { networkOf } from "./network-of.ts";
import type { TokenIdentity } from "./observation.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { distinct, minutes, tally } from "./tally.ts";
import { HOUR } from "./time.ts";

export type WeekFigures = {
  introspections: number;
  byKind: ReadonlyMap<string, number>;
  byOutcome: ReadonlyMap<string, number>;
  bySource: ReadonlyMap<string, number>;
  /** How often each look-alike of misuse came. */
  lookAlikes: ReadonlyMap<string, number>;
  spreads: readonly (readonly [what: string, spread: Spread])[];
};

type Parts = ReturnType<typeof parts>;

/** What a week holds: the figures by which thresholds are chosen. @param progress called with the time of each observation */
export function measureWeek(week: Iterable<Simulated>, progress: (at: number) => void): WeekFigures {
  const measured = parts();
  for (const observation of week) {
    progress(observation.at);
    count(measured, observation);
    if (observation.kind === "introspect") spread(measured, observation);
    else if (observation.kind === "refresh") lookAtRefresh(measured, observation);
  }
  const { byKind, byOutcome, bySource, lookAlikes } = measured;
  return {
    introspections: byKind.counts.get("introspect") ?? 0,
    byKind: byKind.counts,
    byOutcome: byOutcome.counts,
    bySource: bySource.counts,
    lookAlikes: lookAlikes.counts,
    spreads: spreadsOf(measured),
  };
}

function parts() {
  return {
    byKind: tally(),
    byOutcome: tally(),
    bySource: tally(),
    lookAlikes: tally(),
    rotatedFrom: new Map<string, string>(),
    strayed: new Set<string>(),
    usesPerMinute: minutes(),
    networks: distinct(),
    networksInHour: distinct(),
    agents: distinct(),
    audiences: distinct(),
    subjects: distinct(),
    expired: tally(),
    revoked: tally(),
    badByCaller: minutes(),
    badByNetwork: minutes(),
    unknownKeys: minutes(),
  };
}

function count({ byKind, byOutcome, bySource }: Parts, { kind, outcome, source }: Simulated): void {
  byKind.add(kind);
  byOutcome.add(`${kind}: ${outcome}`);
  bySource.add(source);
}

function spread(measured: Parts, { at, caller, outcome, token, clientIp, userAgent, audience }: Simulated): void {
  const network = clientIp === undefined ? undefined : networkOf(clientIp);
  if (outcome === "malformed" || outcome === "bad_signature") {
    measured.badByCaller.add(caller, at);
    if (network !== undefined) measured.badByNetwork.add(network, at);
  }
  if (outcome === "unknown_key") measured.unknownKeys.add(caller, at);
  if (token === undefined) return;
  if (outcome === "expired") measured.expired.add(token.id);
  if (outcome === "revoked") measured.revoked.add(token.id);
  measured.usesPerMinute.add(token.id, at);
  for (const one of audience) measured.audiences.add(token.id, one);
  if (userAgent !== undefined) measured.agents.add(token.id, userAgent);
  if (network === undefined) return;
  measured.networks.add(token.id, network);
  measured.networksInHour.add(`${token.family ?? token.id}|${Math.floor(at / HOUR)}`, network);
  if (token.subject !== undefined) measured.subjects.add(network, token.subject);
  stray(measured, token, { network, userAgent, alive: outcome === "active" });
}

/** Each token counts once for each way in which it was used elsewhere than it was issued, alive and dead. */
function stray(
  { strayed, lookAlikes }: Parts,
  { id, issuedTo }: TokenIdentity,
  { network, userAgent, alive }: { network: string; userAgent: string | undefined; alive: boolean },
): void {
  const otherNetwork = issuedTo.clientIp !== undefined && networkOf(issuedTo.clientIp) !== network;
  const otherAgent = userAgent !== undefined && issuedTo.userAgent !== undefined && userAgent !== issuedTo.userAgent;
  const once = (how: string): void => {
    const what = `${alive ? "live" : "dead"} tokens used${how}`;
    if (strayed.has(`${id}|${what}`)) return;
    strayed.add(`${id}|${what}`);
    lookAlikes.add(what);
  };
  once("");
  if (otherNetwork) once(" in another network than issued to");
  if (otherAgent) once(" by another user agent than issued to");
  if (otherNetwork && otherAgent) once(" in another network by another user agent, both at once");
}

function lookAtRefresh({ rotatedFrom, lookAlikes }: Parts, { token, outcome, clientIp, userAgent }: Simulated): void {
  if (token === undefined) return;
  const context = `${clientIp}|${userAgent}`;
  if (outcome === "rotated") rotatedFrom.set(token.id, context);
  if (outcome !== "retried") return;
  lookAlikes.add("refreshes sent twice");
  if (rotatedFrom.get(token.id) !== context)
    lookAlikes.add("refreshes sent twice, from another address the second time");
}

function spreadsOf(measured: Parts): WeekFigures["spreads"] {
  const named: readonly (readonly [string, Iterable<number>])[] = [
    ["uses of a token in a minute", measured.usesPerMinute.counts()],
    ["busiest minute of a token over its mean", measured.usesPerMinute.peaksOverHabit()],
    ["networks of a token", measured.networks.sizes()],
    ["networks of a family (or token) in an hour", measured.networksInHour.sizes()],
    ["user agents of a token", measured.agents.sizes()],
    ["audiences asked for a token", measured.audiences.sizes()],
    ["uses of a token after it expired", measured.expired.counts.values()],
    ["uses of a token after it was revoked", measured.revoked.counts.values()],
    ["malformed or forged, by caller and minute", measured.badByCaller.counts()],
    ["malformed or forged, by network and minute", measured.badByNetwork.counts()],
    ["unknown keys, by caller and minute", measured.unknownKeys.counts()],
    ["subjects in a network", measured.subjects.sizes()],
  ];
  return named.map(([what, values]) => [what, spreadOf(values)]);
}

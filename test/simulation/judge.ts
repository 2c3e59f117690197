import { createHash } from "node:crypto";
import { type Detectors, type Found, type CountNetworks, openDetectors } from "../../src/core/signals/detectors.ts";
import { issuedFrom, placeOf } from "../../src/core/signals/issued-from.ts";
import type { Observation as Observed, ObservedToken } from "../../src/core/signals/observation.ts";
import { DEFAULT_RULES } from "../../src/core/signals/rules.ts";
import type { Finding } from "../../src/core/signals/signal.ts";
import type { Observation, TokenIdentity } from "./observation.ts";

/** What the detectors of one instance found, at the time of the observation that showed it. */
export type Alarm = { at: number; instance: string; finding: Finding };

type Introspected = Extract<Observation, { kind: "introspect" }>;
type Counting = { token: string; network: string; observation: Observed };

const ISSUER = "https://assay.example";
const KEY = Buffer.alloc(32, 7);

/**
 * The observations of a deployment as its instances judge them: each has detectors of its own, and what they have seen of networks is
 * counted over all. What a refresh shows is found by the decision itself.
 * @param as `one`: all that the three instances see is seen by a single one
 */
export function deployment(as: "three" | "one"): (observation: Observation) => readonly Alarm[] {
  const rules = DEFAULT_RULES;
  const instances = new Map<string, Detectors>();
  const tokens = new WeakMap<TokenIdentity, ObservedToken>();
  const rotatedFrom = new Map<string, string>();
  const waiting: Counting[] = [];
  const count = countOverAll(rules.token_in_many_networks.windowMs);
  const networks: CountNetworks = {
    add: ({ high, low, observation }, network) => waiting.push({ token: `${high}/${low}`, network, observation }),
  };
  const opened = (instance: string): Detectors => {
    const known = instances.get(instance) ?? openDetectors({ rules, keys: { selector: KEY }, networks });
    instances.set(instance, known);
    return known;
  };
  const tokenOf = (token: TokenIdentity): ObservedToken => {
    const known = tokens.get(token) ?? observedToken(token);
    tokens.set(token, known);
    return known;
  };
  return (observation) => {
    if (observation.kind === "refresh") return ofRefresh(observation, rotatedFrom);
    if (observation.kind !== "introspect") return [];
    const { at, token } = observation;
    const instance = as === "one" ? as : observation.instance;
    const detectors = opened(instance);
    const found = [...detectors.judge(observed(observation, token === undefined ? undefined : tokenOf(token)))];
    for (const { token: name, network, observation: seen } of waiting.splice(0))
      found.push(...detectors.networksCounted(seen, count(name, network, seen.at)));
    return found.map((each) => ({ at, instance, finding: traceable(each) }));
  };
}

function traceable({ finding, origin, network }: Found): Finding {
  return {
    ...finding,
    ...(origin === undefined ? {} : FINGERPRINTS.fingerprints(origin)),
    ...(network === undefined ? {} : { networkFingerprint: FINGERPRINTS.fingerprintKeyed("network", network) }),
  };
}

/** As fingerprints of a deployment, without its key. */
export const FINGERPRINTS = {
  fingerprintKeyed: (kind: "network", value: string) => digest(kind, value),
  fingerprints: ({
    jti = "",
    sid,
    sub,
  }: {
    jti?: string | undefined;
    sid?: string | undefined;
    sub?: string | undefined;
  }) => ({
    tokenFingerprint: digest("token", jti),
    ...(sid === undefined ? {} : { familyFingerprint: digest("family", sid) }),
    ...(sub === undefined ? {} : { subjectFingerprint: digest("subject", sub) }),
  }),
};

function digest(...values: string[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 16);
}

function observed(
  { at, caller, outcome, audience, clientIp, userAgent, proof, token: identity }: Introspected,
  token: ObservedToken | undefined,
): Observed {
  const isOther = outcome === "invalid_proof" && proof !== undefined && proof.key !== identity?.boundTo;
  return {
    at,
    caller,
    outcome,
    audiences: new Set(audience),
    clientIp,
    userAgent,
    token,
    ...(isOther ? { proofKey: "other" } : {}),
  };
}

function observedToken({ id, kind, family, subject, client, issuedTo }: TokenIdentity): ObservedToken {
  const bytes = createHash("sha256").update(id).digest();
  return {
    high: bytes.readInt32BE(0),
    low: bytes.readInt32BE(4),
    kind: kind === "refresh" ? "refresh" : "access",
    issuedFrom: kind === "access_jwt" ? issuedFrom(KEY, id, placeOf(KEY, issuedTo)) : undefined,
    origin: () => ({ iss: ISSUER, jti: id, sid: family, sub: subject, client_id: client }),
  };
}

/** What `refresh` finds as it decides. */
function ofRefresh(observation: Extract<Observation, { kind: "refresh" }>, rotatedFrom: Map<string, string>): Alarm[] {
  const { at, instance, caller, token, outcome, clientIp, userAgent } = observation;
  if (token === undefined) return [];
  const context = `${clientIp}|${userAgent}`;
  if (outcome === "rotated") rotatedFrom.set(token.id, context);
  const about = { caller, ...FINGERPRINTS.fingerprints({ jti: token.id, sid: token.family, sub: token.subject }) };
  if (outcome === "predecessor_reused" || outcome === "stale_generation")
    return [
      { at, instance, finding: { kind: "refresh_token_reuse", severity: "critical", detail: outcome, ...about } },
    ];
  if (outcome !== "retried" || rotatedFrom.get(token.id) === context) return [];
  return [{ at, instance, finding: { kind: "refresh_retry_context_changed", severity: "info", ...about } }];
}

/** Exactly, as what counts over all instances does nearly. */
function countOverAll(windowMs: number): (token: string, network: string, at: number) => number {
  const seen = new Map<string, Map<string, number>>();
  return (token, network, at) => {
    const networks = seen.get(token) ?? new Map<string, number>();
    seen.set(token, networks.set(network, at));
    return Array.from(networks.values()).filter((last) => at - last < windowMs).length;
  };
}

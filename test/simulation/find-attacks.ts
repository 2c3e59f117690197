import { networkText } from "../../src/core/signals/network.ts";
import type { Finding as Found, SignalKind } from "../../src/core/signals/signal.ts";
import { ATTACKS } from "./attacks/all.ts";
import type { Attacked, Finding } from "./attacks/attack.ts";
import { honestWeek } from "./honest-week.ts";
import { type Alarm, deployment, FINGERPRINTS } from "./judge.ts";
import { merge } from "./merge.ts";
import { HOUR } from "./time.ts";

export type AttackJudged = {
  name: string;
  /** What was found of it first that is more than worth knowing; undefined where nothing was. */
  alarm: Alarm | undefined;
  /** From the first hostile act, in milliseconds. */
  delay: number;
  /** How many of the hostile acts had been seen by then. */
  acts: number;
};

/** What the detectors call what an attack must show. */
const KINDS: Readonly<Record<Finding, readonly SignalKind[]>> = {
  refresh_reuse: ["refresh_token_reuse"],
  inactive_token_repeated: ["revoked_token_used", "expired_token_used"],
  new_network_or_user_agent: ["token_context_changed"],
  many_networks: ["token_in_many_networks"],
  velocity: ["token_velocity"],
  audience_probing: ["audience_probing"],
  bad_token_burst: ["bad_token_burst"],
  unknown_key_burst: ["unknown_key_burst"],
  proof_replay: ["proof_replayed"],
  other_key: ["proof_of_another_key"],
};
const APART = 11 * HOUR;
const FIRST = Date.UTC(2026, 0, 5, 3);

/** Each attack once, by day and by night, in a week of honest traffic: of one seed. @param introspections of the honest */
export function findAttacks(seed: number, introspections: number): AttackJudged[] {
  const attacks = ATTACKS.map(([name, attack], index) => ({ name, made: attack(seed, FIRST + index * APART) }));
  const alarms: Alarm[] = [];
  const judge = deployment("three");
  const week = merge([honestWeek({ seed, introspections }), ...attacks.map(({ made }) => made.observations)]);
  for (const observation of week)
    alarms.push(...judge(observation).filter(({ finding }) => finding.severity !== "info"));
  return attacks.map(({ name, made }) => {
    const alarm = alarms.find(({ at, finding }) => at >= made.firstHostileAt && isRight(finding, made));
    const delay = alarm === undefined ? Infinity : alarm.at - made.firstHostileAt;
    const acts = Array.from(made.hostile).filter(({ at }) => at <= made.firstHostileAt + delay).length;
    return { name, alarm, delay, acts };
  });
}

/** Of the right kind, and about the right token, family, caller or network. */
function isRight(found: Found, { finding, about, hostile }: Attacked): boolean {
  const { tokenFingerprint, familyFingerprint } = FINGERPRINTS.fingerprints({ jti: about.token, sid: about.family });
  const networks = Array.from(hostile, ({ clientIp = "" }) => networkText(clientIp) ?? "");
  return (
    KINDS[finding].includes(found.kind) &&
    (about.token === undefined || found.tokenFingerprint === tokenFingerprint) &&
    (about.family === undefined || found.familyFingerprint === familyFingerprint) &&
    (about.caller === undefined || (found.caller === about.caller && found.networkFingerprint === undefined)) &&
    (about.network === undefined ||
      networks.some((network) => found.networkFingerprint === FINGERPRINTS.fingerprintKeyed("network", network)))
  );
}

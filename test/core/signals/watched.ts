import { createHash } from "node:crypto";
import { type Detectors, openDetectors } from "../../../src/core/signals/detectors.ts";
import type { Observation, ObservedToken } from "../../../src/core/signals/observation.ts";
import { DEFAULT_RULES, type DetectorRules } from "../../../src/core/signals/rules.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 5);
export const KEY = Buffer.alloc(32, 3);

export const HOME = { clientIp: "192.0.2.7", userAgent: "Browser/1.0 (home)" };
export const AWAY = { clientIp: "198.51.100.9", userAgent: "curl/8.1" };

export type Counted = { high: number; low: number; network: string; seen: Observation };

/** Detectors with the default rules but for those given, and the networks that they would have counted elsewhere. */
export function watched(changed: Partial<DetectorRules> = {}): { detectors: Detectors; see: See; counted: Counted[] } {
  const counted: Counted[] = [];
  const detectors = openDetectors({
    rules: { ...DEFAULT_RULES, ...changed },
    keys: { selector: KEY },
    networks: { add: ({ high, low, observation: seen }, network) => counted.push({ high, low, network, seen }) },
  });
  const see: See = (after, what = {}) => named(detectors.judge(observation(after, what)));
  return { detectors, see, counted };
}

/** @param after milliseconds after the beginning @returns severity, kind and detail of each finding */
export type See = (after: number, what?: Partial<Observation>) => string[];

/** Of an active answer about alice's token, where nothing else is said. */
export function observation(after: number, what: Partial<Observation> = {}): Observation {
  return { at: START + after, caller: "orders", outcome: "active", audiences: "all", token: tokenOf("alice"), ...what };
}

export function named(found: ReturnType<Detectors["judge"]>): string[] {
  return found.map(({ finding: { severity, kind, detail } }) =>
    [severity, kind, detail].filter((part) => part !== undefined).join(" "),
  );
}

/** A person's token, where nothing else is said. */
export function tokenOf(name: string, more: Partial<ObservedToken> & { sub?: string | undefined } = {}): ObservedToken {
  const bytes = createHash("sha256").update(name).digest();
  const { sub = name, ...rest } = more;
  return {
    high: bytes.readInt32BE(0),
    low: bytes.readInt32BE(4),
    kind: "access",
    issuedFrom: undefined,
    origin: () => ({ iss: "https://assay.example", jti: name, client_id: "app", sub }),
    ...rest,
  };
}

/** What each act that found something found, and at what second after the beginning. */
export function seenAt(see: See, acts: readonly (readonly [after: number, what?: Partial<Observation>])[]): string[] {
  return acts.flatMap(([after, what]) => see(after, what).map((name) => `${after / SECOND} s: ${name}`));
}

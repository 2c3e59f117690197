/** Fingerprints of what an operator knows by name, as running instances export them: the configured store is opened for its keys. */
import type { Config } from "../config/schema.ts";
import { fingerprintOfKey, fingerprintsOf, periodAt } from "../core/fingerprint.ts";
import type { Fingerprints } from "../core/fingerprints.ts";
import { readFingerprintKey } from "../keys/read-fingerprint-key.ts";
import { masterKeySource } from "./keyring-options.ts";
import { withStore } from "./with-store.ts";

/** What is asked about, by the names that tokens have for it. */
export type Named = { iss: string | undefined; jti?: string; sid?: string; sub?: string; kid?: string };

export type KnownFingerprints = Fingerprints & {
  keyFingerprint?: string;
  /** From when until when they are used. Absent where they never change. */
  between?: { from: Date; until: Date };
};

/** @param at milliseconds since the epoch; now when absent. @throws StartError */
export function fingerprintsAt(config: Config, named: Named, at: number | undefined): Promise<KnownFingerprints> {
  const fingerprintPeriod = config.telemetry.fingerprint_period;
  const { iss = config.issuer, kid, ...about } = named;
  return withStore(config, async (store) => {
    const now = at ?? store.clock.now();
    const fingerprint = await readFingerprintKey(store.keyrings, masterKeySource(config));
    const terms = { fingerprintPeriod, keys: { fingerprint }, store: { clock: { now: () => now } } };
    return {
      ...fingerprintsOf(terms, { iss, ...about }),
      ...(kid === undefined ? {} : { keyFingerprint: fingerprintOfKey(terms, { iss, kid }) }),
      ...(fingerprintPeriod === 0 ? {} : { between: periodAround(now, fingerprintPeriod) }),
    };
  });
}

function periodAround(now: number, period: number): { from: Date; until: Date } {
  const [number, length] = [periodAt(now, period), period * 1_000];
  return { from: new Date(number * length), until: new Date((number + 1) * length) };
}

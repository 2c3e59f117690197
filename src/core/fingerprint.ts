import type { Environment } from "./environment.ts";
import { keyedDigest, type SharedKeys } from "./derived-keys.ts";
import type { Fingerprints } from "./fingerprints.ts";
import type { Traceable } from "./traceable.ts";

/** What fingerprints are made with. Alike at all instances of a deployment, so that they are. */
export type FingerprintTerms = Pick<Environment, "fingerprintPeriod"> & {
  keys: Pick<SharedKeys, "fingerprint">;
  store: Pick<Environment["store"], "clock">;
};

export function fingerprintsOf(terms: FingerprintTerms, { iss, jti, digest, sid, sub }: Traceable): Fingerprints {
  const token = jti ?? digest;
  return {
    ...(token === undefined ? {} : { tokenFingerprint: fingerprint(terms, ["token", iss, token]) }),
    ...(sid === undefined ? {} : { familyFingerprint: fingerprint(terms, ["family", iss, sid]) }),
    ...(sub === undefined ? {} : { subjectFingerprint: fingerprint(terms, ["subject", iss, sub]) }),
  };
}

/** By which a key can be followed. 16 hex digits. */
export function fingerprintOfKey(terms: FingerprintTerms, { iss, kid }: { iss: string; kid: string }): string {
  return fingerprint(terms, ["key", iss, kid]);
}

/** By which a network can be followed. 16 hex digits. */
export function fingerprintOfNetwork(terms: FingerprintTerms, network: string): string {
  return fingerprint(terms, ["network", network]);
}

/**
 * Which period it is, by number. All instances count alike: from the epoch, by the store's time.
 * @param now in milliseconds
 * @param period in seconds, more than 0
 */
export function periodAt(now: number, period: number): number {
  return Math.floor(now / (period * 1_000));
}

/** Each period has a key of its own, as it were: what is digested begins with it. */
function fingerprint({ keys, fingerprintPeriod: period, store }: FingerprintTerms, values: readonly string[]): string {
  const periodic = period === 0 ? values : [period, periodAt(store.clock.now(), period), ...values];
  return keyedDigest(keys.fingerprint, periodic).toString("hex").slice(0, 16);
}

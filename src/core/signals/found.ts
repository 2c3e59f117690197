import type { Fingerprints, Traceable } from "../fingerprint.ts";
import { networkText } from "./network.ts";
import type { Observation } from "./observation.ts";
import type { Finding } from "./signal.ts";
import type { Sighting } from "./sighting.ts";

/** `origin` is whom an action may revoke. */
export type Found = { finding: Finding; origin: (Traceable & { client_id?: string | undefined }) | undefined };

/** Digests under a key of the deployment, 16 hex digits each. */
export type FingerprintWith = {
  fingerprintKeyed: (kind: "network", value: string) => string;
  fingerprints: (origin: Traceable) => Fingerprints;
};

/** Says about whom it is. */
export function foundOf(sighting: Sighting, { caller, token, clientIp }: Observation, by: FingerprintWith): Found {
  const origin = token?.origin();
  const clientId = origin?.client_id;
  // What came from everywhere is about no network.
  const isOfCaller = sighting.kind === "unknown_key_burst" || sighting.detail === "caller";
  const network = clientIp === undefined || isOfCaller ? undefined : networkText(clientIp);
  const finding = {
    ...sighting,
    caller,
    ...(clientId === undefined ? {} : { clientId }),
    ...(origin === undefined ? {} : by.fingerprints(origin)),
    ...(network === undefined ? {} : { networkFingerprint: by.fingerprintKeyed("network", network) }),
  };
  return { finding, origin };
}

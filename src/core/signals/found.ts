import type { Suspect } from "./actions.ts";
import { networkText } from "./network.ts";
import type { Observation } from "./observation.ts";
import type { Finding } from "./signal.ts";
import type { Sighting } from "./sighting.ts";

/** What was found, and about whom: told as fingerprints alone. */
export type Found = {
  finding: Finding;
  origin: Suspect | undefined;
  network: string | undefined;
  /** It rests on what the caller says, whatever its kind. */
  isSaid?: boolean;
};

/** Says about whom it is. */
export function foundOf(sighting: Sighting, { caller, token, clientIp, proofKey }: Observation): Found {
  const origin = token?.origin();
  const clientId = origin?.client_id;
  // What came from everywhere is about no network.
  const isOfCaller = sighting.kind === "unknown_key_burst" || sighting.detail === "caller";
  const network = clientIp === undefined || isOfCaller ? undefined : networkText(clientIp);
  const finding: Finding = { ...sighting, caller, ...(clientId === undefined ? {} : { clientId }) };
  return { finding, origin, network, ...(proofKey === "said_other" ? { isSaid: true } : {}) };
}

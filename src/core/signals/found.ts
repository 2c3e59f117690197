import type { Suspect } from "./actions.ts";
import { networkText } from "./network.ts";
import type { Observation } from "./observation.ts";
import type { Finding } from "./signal.ts";
import type { Sighting } from "./sighting.ts";

/** What was found, and about whom: told as fingerprints alone. */
export type Found = { finding: Finding; origin: Suspect | undefined; network: string | undefined };

/** Says about whom it is. */
export function foundOf(sighting: Sighting, { caller, token, clientIp }: Observation): Found {
  const origin = token?.origin();
  const clientId = origin?.client_id;
  // What came from everywhere is about no network.
  const isOfCaller = sighting.kind === "unknown_key_burst" || sighting.detail === "caller";
  const network = clientIp === undefined || isOfCaller ? undefined : networkText(clientIp);
  return { finding: { ...sighting, caller, ...(clientId === undefined ? {} : { clientId }) }, origin, network };
}

import { AuthorityServiceService } from "../../gen/assay/v1/authority_service.ts";
import type { Signal } from "../../gen/assay/v1/token_service.ts";
import type { Authorities } from "./authorities.ts";
import { mayPass } from "./upstream-error.ts";

/**
 * Tells an authority what was found here; at most 100.
 * @returns how many it did not take: for lack of room, or since it is older and does not know them
 * @throws where it may be told again
 */
export type ReportSignals = (signals: readonly Signal[]) => Promise<number>;

export function reportToAuthority(authorities: Pick<Authorities, "ask">): ReportSignals {
  return async (signals) => {
    const terms = { isRepeatable: true };
    try {
      const { taken } = await authorities.ask(AuthorityServiceService.reportSignals, { signals: [...signals] }, terms);
      return Math.max(0, signals.length - taken);
    } catch (error) {
      if (mayPass(error)) throw error;
      return signals.length;
    }
  };
}

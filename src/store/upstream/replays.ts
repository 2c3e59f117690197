import type { ProofUse, ReplayStore } from "../../core/ports.ts";
import { AuthorityServiceService, ProofUse as Told } from "../../gen/assay/v1/authority_service.ts";
import type { Authorities } from "./authorities.ts";
import { asUnavailable, storeUnavailable } from "./upstream-error.ts";

const USES: ReadonlyMap<number, ProofUse> = new Map([
  [Told.PROOF_USE_FIRST, "first"],
  [Told.PROOF_USE_SAME_REQUEST, "same_request"],
  [Told.PROOF_USE_REPLAYED, "replayed"],
]);

/** Remembered where all instances of the deployment remember it. */
export function replaysAtAuthority(authorities: Pick<Authorities, "ask">): ReplayStore {
  return {
    async remember(key, request, expiresAt) {
      const message = { key, request: request ?? Buffer.alloc(0), expires_at_ms: Math.floor(expiresAt) };
      // Without a request, what one authority heard before it was gone would be a replay at the next.
      const terms = { isRepeatable: request !== undefined };
      const { use } = await authorities
        .ask(AuthorityServiceService.rememberProof, message, terms)
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      const known = USES.get(use);
      if (known === undefined) throw storeUnavailable("an authority did not say which use of a proof it was");
      return known;
    },
  };
}

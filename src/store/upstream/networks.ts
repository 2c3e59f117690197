import type { NetworkStore } from "../../core/ports.ts";
import { AuthorityServiceService } from "../../gen/assay/v1/authority_service.ts";
import type { Authorities } from "./authorities.ts";
import { asUnavailable, storeUnavailable } from "./upstream-error.ts";

/** Counted where all instances of the deployment count. */
export function networksAtAuthority(authorities: Pick<Authorities, "ask">): NetworkStore {
  return {
    async count(token, network, windowMs) {
      const window = { seconds: Math.floor(windowMs / 1_000), nanos: (windowMs % 1_000) * 1_000_000 };
      const { count } = await authorities
        .ask(AuthorityServiceService.countNetworks, { token, network, window }, { isRepeatable: true })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      if (count < 1) throw storeUnavailable("an authority did not count the network that it was told of");
      return count;
    },
  };
}

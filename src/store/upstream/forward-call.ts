import type { Forwarding } from "../../core/environment.ts";
import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import type { Authorities } from "./authorities.ts";
import { asPassedOn } from "./upstream-error.ts";

const PATHS: Readonly<Record<"Issue" | "Revoke", string>> = {
  Issue: TokenServiceService.issue.path,
  Revoke: TokenServiceService.revoke.path,
};

/** Neither decodes nor repeats: what it did is for who asked to find out. */
export function forwardToAuthority(authorities: Pick<Authorities, "ask">): Forwarding {
  return {
    async forward(rpc, request, { call, headers }) {
      const method = { path: PATHS[rpc], requestSerialize: asItIs, responseDeserialize: asItIs };
      try {
        return await authorities.ask(method, request, { call, headers, isRepeatable: false });
      } catch (error) {
        throw asPassedOn(error);
      }
    },
  };
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

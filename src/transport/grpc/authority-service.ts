import type { Authority } from "../../core/environment.ts";
import { AuthorityServiceService } from "../../gen/assay/v1/authority_service.ts";
import { countNetworks, join, recognise, rememberProof, sync } from "./authority.ts";
import { decodingNeverThrows } from "./decoded.ts";
import { reportSignals } from "./report-signals.ts";
import { handler, type RpcContext } from "./rpc.ts";
import type { Service } from "./service.ts";

/** The AuthorityService, ready for a server: where the role is authority. Each asks for `introspect` besides. */
export function authorityService(context: RpcContext<Authority>): Service {
  return {
    definition: decodingNeverThrows(AuthorityServiceService),
    implementation: {
      join: handler(context, { method: "Join", permission: "watch", answer: join }),
      sync: handler(context, { method: "Sync", permission: "watch", answer: sync }),
      recognise: handler(context, { method: "Recognise", permission: "watch", answer: recognise }),
      rememberProof: handler(context, { method: "RememberProof", permission: "watch", answer: rememberProof }),
      countNetworks: handler(context, { method: "CountNetworks", permission: "watch", answer: countNetworks }),
      reportSignals: handler(context, { method: "ReportSignals", permission: "watch", answer: reportSignals() }),
    },
  };
}

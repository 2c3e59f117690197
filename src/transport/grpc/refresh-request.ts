import type { RefreshRequest } from "../../core/issue/refresh.ts";
import { Secret } from "../../core/secret.ts";
import { scopesOf } from "../../core/token/claims.ts";
import type { Refresh } from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import { contextOf } from "./client-context.ts";
import { checkProof, proofToCore } from "./presented-proof.ts";
import { required, requiredIdentifier, scopeText } from "./text-rules.ts";
import { gatherViolations } from "./violations.ts";

/** @throws AssayError `invalid_request` */
export function refreshToCore(message: Refresh, facts: CallFacts): RefreshRequest {
  const violations = gatherViolations();
  violations.add("refresh.refresh_token", required(message.refresh_token));
  violations.add("refresh.client_id", requiredIdentifier(message.client_id));
  violations.add("refresh.scope", scopeText(message.scope));
  checkProof(violations, "refresh.", message);
  violations.throwIfAny();
  return {
    refreshToken: new Secret(message.refresh_token),
    clientId: message.client_id,
    scopes: [...new Set(scopesOf(message.scope))],
    proof: proofToCore(message, facts),
    ...contextOf(message),
  };
}

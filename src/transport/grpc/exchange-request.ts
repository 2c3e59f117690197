import type { ExchangeRequest, ExchangeTokenType } from "../../core/issue/exchange.ts";
import { Secret } from "../../core/secret.ts";
import { scopesOf } from "../../core/token/claims.ts";
import type { Exchange } from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import { contextOf } from "./client-context.ts";
import { checkProof, proofToCore } from "./presented-proof.ts";
import { audiences, type Fault, required, requiredIdentifier, scopeText } from "./text-rules.ts";
import { gatherViolations } from "./violations.ts";

/** RFC 8693 section 3. A refresh token is no subject and no actor. */
const TOKEN_TYPES: readonly ExchangeTokenType[] = [
  "urn:ietf:params:oauth:token-type:access_token",
  "urn:ietf:params:oauth:token-type:jwt",
];

/** @throws AssayError `invalid_request` */
export function exchangeToCore(message: Exchange, facts: CallFacts): ExchangeRequest {
  check(message);
  const requestedTokenType = TOKEN_TYPES.find((type) => type === message.requested_token_type);
  return {
    clientId: message.client_id,
    subjectToken: new Secret(message.subject_token),
    audience: [...new Set(message.audience)],
    scopes: [...new Set(scopesOf(message.scope))],
    proof: proofToCore(message, facts),
    ...contextOf(message),
    ...(message.actor_token === "" ? {} : { actorToken: new Secret(message.actor_token) }),
    ...(requestedTokenType === undefined ? {} : { requestedTokenType }),
  };
}

function check(message: Exchange): void {
  const violations = gatherViolations();
  violations.add("exchange.client_id", requiredIdentifier(message.client_id));
  violations.add("exchange.subject_token", required(message.subject_token));
  violations.add(
    "exchange.subject_token_type",
    required(message.subject_token_type) ?? tokenType(message.subject_token_type),
  );
  violations.add("exchange.actor_token_type", actorTokenType(message));
  violations.add("exchange.audience", required(message.audience[0] ?? "") ?? audiences(message.audience));
  violations.add("exchange.scope", scopeText(message.scope));
  violations.add("exchange.requested_token_type", tokenType(message.requested_token_type));
  checkProof(violations, "exchange.", message);
  violations.throwIfAny();
}

/** Empty is absent. */
function tokenType(value: string): Fault {
  if (value === "" || TOKEN_TYPES.some((type) => type === value)) return undefined;
  return `must be ${TOKEN_TYPES.join(" or ")}`;
}

/** RFC 8693 section 2.1: required with an actor token, and not allowed without. */
function actorTokenType(message: Exchange): Fault {
  if (message.actor_token !== "") return required(message.actor_token_type) ?? tokenType(message.actor_token_type);
  return message.actor_token_type === "" ? undefined : "goes only with actor_token";
}

import type { TokenFormat as CoreFormat } from "../../core/environment.ts";
import type { MintRequest } from "../../core/issue/mint.ts";
import { type Confirmation as CoreConfirmation, scopesOf } from "../../core/token/claims.ts";
import { type Confirmation, type Mint, TokenFormat } from "../../gen/assay/v1/token_service.ts";
import { contextOf } from "./client-context.ts";
import { furtherClaims } from "./claims-rule.ts";
import { audiences, identifier, identifiers, required, requiredIdentifier, scopeText } from "./text-rules.ts";
import { checkContext } from "./presented-proof.ts";
import { confirmation, lifetime, numericDate } from "./value-rules.ts";
import { gatherViolations } from "./violations.ts";

const GREATEST_AMR = 16;

const FORMATS: ReadonlyMap<number, { format?: CoreFormat }> = new Map([
  [TokenFormat.TOKEN_FORMAT_UNSPECIFIED, {}],
  [TokenFormat.TOKEN_FORMAT_JWT, { format: "jwt" }],
  [TokenFormat.TOKEN_FORMAT_OPAQUE, { format: "opaque" }],
]);

/** `encoded` are the bytes the message came in. @throws AssayError `invalid_request` */
export function mintToCore(message: Mint, encoded: Buffer): MintRequest {
  check(message, encoded);
  return {
    clientId: message.client_id,
    subject: message.subject,
    scopes: [...new Set(scopesOf(message.scope))],
    audience: [...new Set(message.audience)],
    refresh: message.refresh,
    ...FORMATS.get(message.format),
    ...(message.lifetime === undefined ? {} : { lifetime: message.lifetime.seconds }),
    ...(message.cnf === undefined ? {} : { cnf: confirmationToCore(message.cnf) }),
    ...(message.claims === undefined ? {} : { claims: message.claims }),
    ...(message.auth_time === undefined ? {} : { authTime: message.auth_time }),
    ...(message.acr === undefined || message.acr === "" ? {} : { acr: message.acr }),
    ...(message.amr.length === 0 ? {} : { amr: message.amr }),
    ...contextOf(message),
  };
}

function check(message: Mint, encoded: Buffer): void {
  const violations = gatherViolations();
  violations.add("mint.client_id", requiredIdentifier(message.client_id));
  violations.add("mint.subject", requiredIdentifier(message.subject));
  violations.add("mint.scope", scopeText(message.scope));
  violations.add("mint.audience", required(message.audience[0] ?? "") ?? audiences(message.audience));
  violations.add("mint.format", FORMATS.has(message.format) ? undefined : "is not a value of TokenFormat");
  violations.add("mint.lifetime", lifetime(message.lifetime));
  violations.add("mint.cnf", confirmation(message.cnf));
  violations.add("mint.claims", furtherClaims(message.claims, encoded));
  violations.add("mint.auth_time", numericDate(message.auth_time));
  violations.add("mint.acr", identifier(message.acr ?? ""));
  violations.add("mint.amr", identifiers(message.amr, GREATEST_AMR));
  checkContext(violations, "mint.", message);
  violations.throwIfAny();
}

function confirmationToCore(cnf: Confirmation): CoreConfirmation {
  return cnf.jkt === undefined || cnf.jkt === "" ? { "x5t#S256": cnf.x5t_s256 } : { jkt: cnf.jkt };
}

import type { RevokeSelector } from "../../core/may-revoke.ts";
import type { RevokeRequest as CoreRequest } from "../../core/revoke.ts";
import { Secret } from "../../core/secret.ts";
import type { RevokeRequest } from "../../gen/assay/v1/token_service.ts";
import { type Fault, identifier, required, requiredIdentifier, text } from "./text-rules.ts";
import { numericDate } from "./value-rules.ts";
import { gatherViolations, type Violations } from "./violations.ts";

type Selector = NonNullable<RevokeRequest["selector"]>;
type SelectorName = Selector["$case"];

const GREATEST_REASON = 256;
const WITH_ISSUER: ReadonlySet<SelectorName> = new Set(["sid", "client_id", "key_id"]);
const WITH_CUT_OFF: ReadonlySet<SelectorName> = new Set(["subject", "client_id"]);

/**
 * The hint is not read: what a token is can be seen from the token (RFC 7009 section 2.1).
 * @throws AssayError `invalid_request`
 */
export function revokeToCore(message: RevokeRequest): CoreRequest {
  const { selector, iss, born_at_or_before: bornAtOrBefore, reason } = message;
  const violations = gatherViolations();
  violations.add("iss", onlyWith(WITH_ISSUER, selector, iss !== "") ?? identifier(iss));
  violations.add(
    "born_at_or_before",
    onlyWith(WITH_CUT_OFF, selector, bornAtOrBefore !== undefined) ?? numericDate(bornAtOrBefore),
  );
  violations.add("reason", text(reason, GREATEST_REASON));
  if (selector === undefined) {
    violations.add("selector", "is required: say what to revoke");
    throw violations.error();
  }
  checkSelector(violations, selector);
  violations.throwIfAny();
  return {
    selector: selectorToCore(selector, iss),
    ...(bornAtOrBefore === undefined ? {} : { bornAtOrBefore }),
    ...(reason === "" ? {} : { reason }),
  };
}

function onlyWith(allowed: ReadonlySet<SelectorName>, selector: Selector | undefined, isPresent: boolean): Fault {
  if (!isPresent || selector === undefined || allowed.has(selector.$case)) return undefined;
  return `goes only with ${[...allowed].join(", ")}`;
}

function checkSelector(violations: Violations, selector: Selector): void {
  switch (selector.$case) {
    case "token":
      violations.add("token", required(selector.value));
      break;
    case "token_id":
      violations.add("token_id.iss", identifier(selector.value.iss));
      violations.add("token_id.jti", requiredIdentifier(selector.value.jti));
      break;
    case "subject":
      violations.add("subject.iss", identifier(selector.value.iss));
      violations.add("subject.sub", requiredIdentifier(selector.value.sub));
      break;
    case "sid":
    case "client_id":
    case "key_id":
    case "issuer":
      violations.add(selector.$case, requiredIdentifier(selector.value));
  }
}

function selectorToCore(selector: Selector, iss: string): RevokeSelector {
  switch (selector.$case) {
    case "token":
      return { by: "token", token: new Secret(selector.value) };
    case "token_id":
      return { by: "token_id", jti: selector.value.jti, ...issuer(selector.value.iss) };
    case "sid":
      return { by: "sid", sid: selector.value, ...issuer(iss) };
    case "subject":
      return { by: "subject", sub: selector.value.sub, ...issuer(selector.value.iss) };
    case "client_id":
      return { by: "client_id", clientId: selector.value, ...issuer(iss) };
    case "key_id":
      return { by: "key_id", kid: selector.value, ...issuer(iss) };
    case "issuer":
      return { by: "issuer", iss: selector.value };
  }
}

/** Absent is our own. */
function issuer(iss: string): { iss?: string } {
  return iss === "" ? {} : { iss };
}

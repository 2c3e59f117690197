import type { RefreshRequest } from "../../core/issue/refresh.ts";
import { Secret } from "../../core/secret.ts";
import { scopesOf } from "../../core/token/claims.ts";
import type { Context, Refresh } from "../../gen/assay/v1/token_service.ts";
import { type Fault, required, requiredIdentifier, scopeText } from "./text-rules.ts";
import { ipAddress } from "./value-rules.ts";
import { gatherViolations } from "./violations.ts";

const GREATEST_USER_AGENT = 512;

/** @throws AssayError `invalid_request` */
export function refreshToCore(message: Refresh): RefreshRequest {
  const violations = gatherViolations();
  violations.add("refresh.refresh_token", required(message.refresh_token));
  violations.add("refresh.client_id", requiredIdentifier(message.client_id));
  violations.add("refresh.scope", scopeText(message.scope));
  violations.add("refresh.context.client_ip", ipAddress(message.context?.client_ip ?? ""));
  violations.add("refresh.context.user_agent", userAgent(message.context?.user_agent ?? ""));
  violations.throwIfAny();
  return {
    refreshToken: new Secret(message.refresh_token),
    clientId: message.client_id,
    scopes: [...new Set(scopesOf(message.scope))],
    ...(message.context === undefined ? {} : { context: contextToCore(message.context) }),
  };
}

/** It comes from anybody's browser, so nothing but its size is held against it. */
function userAgent(value: string): Fault {
  return Buffer.byteLength(value) > GREATEST_USER_AGENT ? `must be at most ${GREATEST_USER_AGENT} bytes` : undefined;
}

function contextToCore(context: Context): NonNullable<RefreshRequest["context"]> {
  const { client_ip: clientIp, user_agent: ua } = context;
  return { ...(clientIp === "" ? {} : { clientIp }), ...(ua === "" ? {} : { userAgent: ua }) };
}

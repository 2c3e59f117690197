import { appendRevocation, type RevocationTerms } from "./append-revocation.ts";
import { type AuditFacts, audited } from "./audited.ts";
import { stopIfGone } from "./call.ts";
import { type Caller, requirePermission } from "./caller.ts";
import type { Authority } from "./environment.ts";
import { AssayError } from "./error.ts";
import { killFamily } from "./family.ts";
import { requireSelectorWithin, type RevokeSelector, tokenToRevoke } from "./may-revoke.ts";
import { requireTrail } from "./require-trail.ts";
import type { Acknowledgement } from "./revocation-log.ts";
import type { Secret } from "./secret.ts";
import type { Selector } from "./selector.ts";
import { birthOf } from "./token/uuid.ts";

export type RevokeRequest = {
  selector: RevokeSelector;
  /** NumericDate, for subject and client_id. Now when absent. */
  bornAtOrBefore?: number;
  reason?: string;
};

/**
 * Makes what the selector names inactive for good (RFC 7009). Resolves when that is durable; repeating it changes nothing.
 * @returns undefined when there was nothing to revoke (RFC 7009 section 2.2)
 * @throws AssayError `permission_missing`, `client_not_allowed`, `audience_not_allowed`, `invalid_request`, `store_unavailable`,
 *   `store_full`, `keys_unavailable`, `audit_unavailable`,
 *   `call_gone` (nothing written)
 */
export async function revoke(
  environment: Authority,
  caller: Caller,
  request: RevokeRequest,
): Promise<Acknowledgement | undefined> {
  requireTrail(environment);
  return audited(environment, { kind: "revocation", caller }, async (facts) => {
    facts.selector = request.selector.by;
    facts.cause = "request";
    const acknowledgement = await decide(environment, caller, request, facts);
    if (acknowledgement === undefined) facts.outcome = "nothing";
    else facts.durability = acknowledgement.durability;
    return acknowledgement;
  });
}

async function decide(
  environment: Authority,
  caller: Caller,
  request: RevokeRequest,
  facts: AuditFacts,
): Promise<Acknowledgement | undefined> {
  requirePermission(caller, "revoke");
  stopIfGone(environment.call);
  const { selector, reason } = request;
  const because = reason === undefined ? {} : { reason };
  if (selector.by === "token") return revokeToken(environment, caller, selector.token, because, facts);

  requireSelectorWithin(environment, caller, selector);
  const iss = requireIssuer(environment, selector);
  Object.assign(facts, namedBy(environment, selector, iss));
  switch (selector.by) {
    case "token_id":
      requireOwnId(environment, iss, "token_id.jti", selector.jti);
      return appendRevocation(
        environment,
        { kind: "token", iss, jti: selector.jti },
        { keep: "greatest-lifetime", ...because },
      );
    case "sid":
      requireOwnId(environment, iss, "sid", selector.sid);
      if (iss === environment.issuer) return killFamily(environment, selector.sid, reason);
      return appendRevocation(
        environment,
        { kind: "family", iss, sid: selector.sid },
        { keep: "greatest-lifetime", ...because },
      );
    case "subject":
      return appendCutOff(environment, { kind: "subject", iss, sub: selector.sub }, request);
    case "client_id":
      return appendCutOff(environment, { kind: "client", iss, client_id: selector.clientId }, request);
    // A key or an issuer can make new tokens as long as it exists: nothing ends these but an operator who removes it.
    case "key_id":
      return revokeKey(environment, { kind: "key", iss, kid: selector.kid }, because);
    case "issuer":
      return appendRevocation(environment, { kind: "issuer", iss }, { keep: "for-good", ...because });
  }
}

/** What of it the audit trail tells, once its issuer is known to be one that is configured. */
function namedBy(environment: Authority, selector: Exclude<RevokeSelector, { by: "token" }>, iss: string): AuditFacts {
  const issuer = iss;
  switch (selector.by) {
    case "token_id":
      return { issuer, about: { iss, jti: selector.jti } };
    case "sid":
      return { issuer, about: { iss, sid: selector.sid } };
    case "subject":
      return { issuer, about: { iss, sub: selector.sub } };
    case "client_id":
      // Another issuer's clients are not those of the configuration.
      return iss === environment.issuer ? { issuer, clientId: selector.clientId } : { issuer };
    case "key_id":
      return { issuer, key: { iss, kid: selector.kid } };
    case "issuer":
      return { issuer };
  }
}

/** What it made is dead with the revocation; then, when it is ours, it is replaced. Whoever repeats a failed call repeats both. */
async function revokeKey(
  environment: Authority,
  selector: Selector,
  because: Pick<RevocationTerms, "reason">,
): Promise<Acknowledgement> {
  const acknowledgement = await appendRevocation(environment, selector, { keep: "for-good", ...because });
  if (selector.iss === environment.issuer) await environment.keyring.takeOver();
  return acknowledgement;
}

async function revokeToken(
  environment: Authority,
  caller: Caller,
  secret: Secret,
  because: Pick<RevocationTerms, "reason">,
  facts: AuditFacts,
): Promise<Acknowledgement | undefined> {
  const token = await tokenToRevoke(environment, caller, secret);
  if (token === undefined) return undefined;
  const [about] = token.origins;
  facts.about = about;
  facts.issuer = about.iss;
  if (about.iss === environment.issuer) facts.clientId = about.client_id;
  stopIfGone(environment.call);

  const { iss, jti, sid, digest } = about;
  if (token.kind === "refresh" && sid !== undefined)
    return killFamily(environment, sid, because.reason, { sub: about.sub });
  const terms = { keep: (token.claims.exp + token.leeway) * 1_000, ...because };
  if (jti !== undefined) return appendRevocation(environment, { kind: "token", iss, jti }, terms);
  if (digest !== undefined) return appendRevocation(environment, { kind: "token_digest", iss, digest }, terms);
  throw new Error("a verified token has neither jti nor digest");
}

export function requireIssuer(
  environment: Pick<Authority, "issuer" | "issuers">,
  selector: { iss?: string; by: string },
): string {
  const iss = selector.iss ?? environment.issuer;
  if (iss === environment.issuer || environment.issuers.has(iss)) return iss;
  const field = { token_id: "token_id.iss", subject: "subject.iss", issuer: "issuer" }[selector.by] ?? "iss";
  throw invalid(
    field,
    "names neither Assay's own issuer nor a configured one: check the spelling, or leave it out for Assay's own",
  );
}

/** Ours are UUIDv7: anything else is a slip that would revoke nothing. */
export function requireOwnId(environment: Pick<Authority, "issuer">, iss: string, field: string, value: string): void {
  if (iss === environment.issuer && birthOf(value) === undefined) {
    throw invalid(
      field,
      "is no identifier of Assay's own (a lower-case UUIDv7): copy it from an answer of Introspect or Issue, or name its issuer",
    );
  }
}

function appendCutOff(environment: Authority, selector: Selector, request: RevokeRequest): Promise<Acknowledgement> {
  const now = Math.floor(environment.store.clock.now());
  const { bornAtOrBefore, reason } = request;
  if (bornAtOrBefore !== undefined && bornAtOrBefore > Math.floor(now / 1_000)) {
    throw invalid("born_at_or_before", "lies in the future: leave it out to mean now");
  }
  const cutOff = bornAtOrBefore === undefined ? now : Math.min(now, bornAtOrBefore * 1_000 + 999);
  return appendRevocation(environment, selector, {
    cutOff,
    // Another instance's clock may be ahead of this one's, and has given births by it.
    ...(bornAtOrBefore === undefined ? { cutOffNow: true } : {}),
    keep: "greatest-lifetime",
    ...(reason === undefined ? {} : { reason }),
  });
}

function invalid(field: string, description: string): AssayError {
  return new AssayError("invalid_request", `${field} ${description}`, { fields: [{ field, description }] });
}

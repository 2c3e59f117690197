import type { RevocationCause } from "../audit.ts";
import type { Selector } from "../selector.ts";
import type { ComplexSubject, SecurityEvent, SimpleSubject } from "./security-event.ts";

/** A revocation that is in the log. */
export type Revoked = {
  selector: Selector;
  /** Milliseconds since the epoch. */
  at: number;
  /** Milliseconds, where only what was born until then is revoked and that is not `at`. */
  cutOff?: number | undefined;
  /** As whoever asked for it gave it. */
  reason?: string | undefined;
  cause?: RevocationCause | undefined;
  /** Whose family it is, where that is known. */
  sub?: string | undefined;
};

/** Of what nobody asked for. */
const CAUSES: Readonly<Record<Exclude<RevocationCause, "request">, string>> = {
  refresh_token_reuse: "A refresh token was used again that had been used before.",
  store_rollback: "A refresh token came that is newer than the store: the store has gone back in time.",
  proof_replayed: "A proof of possession was used again by another request.",
  proof_of_another_key: "The token came with a proof of another key than the one it is bound to.",
  token_context_changed: "The token came from another network and by another user agent than it was issued to.",
  token_in_many_networks: "The token came from many networks.",
  token_velocity: "The token was used far more often than it used to be.",
  audience_probing: "The token was tried at many audiences that it is not for.",
};
/** What may be revoked with the permission `admin` only. */
const ADMINISTRATIVE: ReadonlySet<Selector["kind"]> = new Set(["client", "key", "issuer"]);

/** OpenID CAEP 1.0, section 3.1. It has a reason always, as the CAEP interoperability profile asks. */
export function sessionRevoked(revoked: Revoked, ourIssuer: string): SecurityEvent {
  const { selector, at, cutOff, reason, cause = "request" } = revoked;
  const initiator = initiatorOf(selector, cause);
  const said = cause === "request" ? (reason ?? "It was asked for.") : CAUSES[cause];
  return {
    name: "session-revoked",
    at,
    subject: subjectOf(revoked, ourIssuer),
    details: {
      ...(initiator === undefined ? {} : { initiating_entity: initiator }),
      reason_admin: { en: said },
      ...(cutOff === undefined ? {} : { born_at_or_before: Math.floor(cutOff / 1_000) }),
    },
  };
}

/** Whether an end user or an administrator is behind a logout is not known here. */
function initiatorOf({ kind }: Selector, cause: RevocationCause): "system" | "admin" | undefined {
  if (cause !== "request") return "system";
  return ADMINISTRATIVE.has(kind) ? "admin" : undefined;
}

/**
 * A receiver that does not know a member of ours looks at the others (SSF 1.0): where one of ours narrows what is revoked, it stands alone,
 * so that nobody takes the whole issuer for what is one key of it.
 */
function subjectOf({ selector, sub }: Revoked, ourIssuer: string): SimpleSubject | ComplexSubject {
  const { iss } = selector;
  switch (selector.kind) {
    case "token":
      return { format: "jwt_id", iss, jti: selector.jti };
    case "token_digest":
      return { format: "complex", token: { format: "opaque", id: selector.digest } };
    case "family":
      return {
        format: "complex",
        session: iss === ourIssuer ? { format: "opaque", id: selector.sid } : named(iss, selector.sid),
        ...(sub === undefined ? {} : { user: named(iss, sub) }),
      };
    case "subject":
      return named(iss, selector.sub);
    case "client":
      return { format: "complex", application: named(iss, selector.client_id) };
    case "key":
      return { format: "complex", key: named(iss, selector.kid) };
    case "issuer":
      return { format: "complex", issuer: { format: "uri", uri: iss } };
  }
}

function named(iss: string, sub: string): SimpleSubject {
  return { format: "iss_sub", iss, sub };
}

import { appendRevocation } from "../append-revocation.ts";
import { audited } from "../audited.ts";
import type { Authority } from "../environment.ts";
import { killFamily } from "../family.ts";
import type { Acknowledgement } from "../revocation-log.ts";
import type { Selector } from "../selector.ts";
import type { Act } from "./actions.ts";

/**
 * Revokes a token, or its family, because of what a detector has found: nobody has asked for it, and it is audited as a revocation all the same.
 * @throws AssayError `store_unavailable` (outcome unknown), `store_full`
 */
export async function revokeSuspect(environment: Authority, act: Act): Promise<void> {
  const { suspect, caller, cause, action } = act;
  await audited(environment, { kind: "revocation", caller }, async (facts) => {
    facts.selector = action === "revoke_family" ? "sid" : "token_id";
    facts.cause = cause;
    facts.issuer = suspect.iss;
    facts.about = suspect;
    if (suspect.iss === environment.issuer) facts.clientId = suspect.client_id;
    const { durability } = await revoked(environment, act);
    facts.durability = durability;
  });
}

function revoked(environment: Authority, act: Act): Promise<Acknowledgement> {
  const { suspect, action, cause } = act;
  const { iss, sid, sub } = suspect;
  const reason = `signal: ${cause}`;
  if (action === "revoke_family" && sid !== undefined && iss === environment.issuer)
    return killFamily(environment, sid, reason, { cause, sub });
  return appendRevocation(environment, selectorOf(act), { keep: "greatest-lifetime", reason, cause, sub });
}

function selectorOf({ suspect: { iss, sid, jti, digest }, action }: Act): Selector {
  if (action === "revoke_family" && sid !== undefined) return { kind: "family", iss, sid };
  if (jti !== undefined) return { kind: "token", iss, jti };
  if (digest !== undefined) return { kind: "token_digest", iss, digest };
  throw new Error("a verified token has neither jti nor digest");
}

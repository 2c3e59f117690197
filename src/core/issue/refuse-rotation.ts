import type { RevocationCause } from "../audit.ts";
import { audited } from "../audited.ts";
import type { Caller } from "../caller.ts";
import type { Authority } from "../environment.ts";
import { invalidGrant } from "../error.ts";
import { killFamily } from "../family.ts";
import { fingerprintsOf } from "../fingerprint.ts";
import type { NoteMisuse } from "../proof/new-binding.ts";
import { proveAbsence } from "../prove-absence.ts";
import type { RecognisedRefreshToken } from "../recognise-refresh-token.ts";
import type { Severity, SignalKind } from "../signals/signal.ts";
import type { RefusedRotation } from "./refused-for-good.ts";

/** A refresh token that we made, and who hears of what shows its misuse. */
export type Presented = RecognisedRefreshToken & { note: NoteMisuse };

/** Every outcome but a rotation and its retry is refused alike; those that prove misuse kill the family first. */
export async function refuseRotation(
  environment: Authority,
  caller: Caller,
  recognised: Presented,
  refused: RefusedRotation,
): Promise<never> {
  environment.countRotation(refused.outcome);
  switch (refused.outcome) {
    case "predecessor_reused":
    case "stale_generation":
      emitOf(environment, caller, recognised, "refresh_token_reuse", "critical", refused.outcome);
      await kill(environment, caller, recognised, "refresh_token_reuse");
      throw invalidGrant(refused.outcome);
    case "beyond_current":
      // Unless it is a primary whose successor has been elected, and which is about to forget.
      await environment.revocations.prove();
      emitOf(environment, caller, recognised, "store_rollback", "critical");
      await kill(environment, caller, recognised, "store_rollback");
      throw invalidGrant(refused.outcome);
    case "dead":
      recognised.note({ outcome: "revoked" });
      throw invalidGrant("revoked");
    case "expired":
      throw invalidGrant(refused.outcome);
    case "unknown":
      await proveAbsence(environment, refused.outcome);
      throw invalidGrant(refused.outcome);
  }
}

/** Nobody has asked for it, and it is a revocation all the same. */
async function kill(
  environment: Authority,
  caller: Caller,
  { token, origin }: RecognisedRefreshToken,
  cause: Exclude<RevocationCause, "request">,
): Promise<void> {
  const asked = { kind: "revocation", caller } as const;
  await audited(environment, asked, async (facts) => {
    facts.selector = "sid";
    facts.cause = cause;
    facts.issuer = origin.iss;
    facts.about = origin;
    facts.clientId = origin.client_id;
    const { durability } = await killFamily(environment, token.sid, cause, { cause, sub: origin.sub });
    facts.durability = durability;
  });
}

/** @param detail a word of ours */
export function emitOf(
  environment: Authority,
  caller: Caller,
  recognised: RecognisedRefreshToken,
  kind: SignalKind,
  severity: Severity,
  detail?: string,
): void {
  environment.signals.emit({
    kind,
    severity,
    caller: caller.name,
    ...(recognised.origin.client_id === undefined ? {} : { clientId: recognised.origin.client_id }),
    ...(detail === undefined ? {} : { detail }),
    ...fingerprintsOf(environment, recognised.origin),
  });
}

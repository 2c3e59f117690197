import type { RevocationCause } from "./audit.ts";
import type { Authority } from "./environment.ts";
import { sessionRevoked } from "./events/session-revoked.ts";
import type { Acknowledgement, Keep, Revocation } from "./revocation-log.ts";
import { seal } from "./sealing.ts";
import { type Selector, selectorDigest } from "./selector.ts";

export type RevocationTerms = {
  keep: Keep;
  /** Milliseconds; absent for an absolute revocation. */
  cutOff?: number;
  /** See `Revocation`. */
  cutOffNow?: true;
  reason?: string;
  /** Absent: it was asked for. */
  cause?: RevocationCause;
  /** Of a family: whose it is, where that is known. */
  sub?: string | undefined;
};

/**
 * Appends a revocation. The store learns a digest to compare with; who and why are sealed. Every revocation passes here: once it is in the
 * log, receivers of security events are told.
 */
export async function appendRevocation(
  environment: Authority,
  selector: Selector,
  terms: RevocationTerms,
): Promise<Acknowledgement> {
  const { keep, cutOff, cutOffNow, reason } = terms;
  const digest = selectorDigest(environment.keys.selector, selector);
  const sealed = seal(environment.keys.sealing, sealContext(digest), { selector, reason });
  const revocation: Revocation = { digest, keep, sealed };
  if (cutOff !== undefined) revocation.cutOff = cutOff;
  if (cutOffNow !== undefined) revocation.cutOffNow = cutOffNow;
  const acknowledgement = await environment.revocations.append(revocation);
  tell(environment, selector, terms);
  return acknowledgement;
}

function tell(environment: Authority, selector: Selector, { cutOff, cutOffNow, reason, cause, sub }: RevocationTerms) {
  const at = environment.store.clock.now();
  const before = cutOffNow === undefined ? cutOff : undefined;
  environment.securityEvents.tell(() =>
    sessionRevoked({ selector, at, cutOff: before, reason, cause, sub }, environment.issuer),
  );
}

/** What is sealed for one selector opens for no other. */
export function sealContext(digest: Buffer): string {
  return `revocation:${digest.toString("hex")}`;
}

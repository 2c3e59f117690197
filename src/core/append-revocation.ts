import type { Authority } from "./environment.ts";
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
};

/** Appends a revocation. The store learns a digest to compare with; who and why are sealed. */
export function appendRevocation(
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
  return environment.revocations.append(revocation);
}

/** What is sealed for one selector opens for no other. */
export function sealContext(digest: Buffer): string {
  return `revocation:${digest.toString("hex")}`;
}

import type { Environment } from "./environment.ts";
import type { Acknowledgement, Keep, Revocation } from "./ports.ts";
import { seal } from "./sealing.ts";
import { type Selector, selectorDigest } from "./selector.ts";

export type RevocationTerms = {
  keep: Keep;
  /** Milliseconds; absent for an absolute revocation. */
  cutOff?: number;
  reason?: string;
};

/** Appends a revocation. The store learns a digest to compare with; who and why are sealed. */
export function appendRevocation(
  environment: Environment,
  selector: Selector,
  terms: RevocationTerms,
): Promise<Acknowledgement> {
  const { keep, cutOff, reason } = terms;
  const digest = selectorDigest(environment.keys.selector, selector);
  const sealed = seal(environment.keys.sealing, `revocation:${digest.toString("hex")}`, { selector, reason });
  const revocation: Revocation = { digest, keep, sealed };
  if (cutOff !== undefined) revocation.cutOff = cutOff;
  return environment.store.revocations.append(revocation);
}

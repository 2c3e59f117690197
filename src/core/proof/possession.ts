import { timingSafeEqual } from "node:crypto";
import type { Environment } from "../environment.ts";
import type { Confirmation } from "../token/claims.ts";
import { type DpopFault, type DpopProof, verifyDpopProof } from "./dpop.ts";
import type { PresentedProof } from "./presented-proof.ts";
import type { OtherKey } from "./other-key.ts";

/** A good proof that is still to be used; undefined where the proof is a certificate, which can be shown any number of times. */
export type Possession = { dpop: DpopProof | undefined };

/** `fault` is a sentence without its subject's secrets, for whoever may be told. */
export type NotPossessed = {
  reason: "proof_required" | "invalid_proof";
  fault: string;
  /** Of a token that was taken, by who has none of its keys. */
  proofKey?: OtherKey;
};

/**
 * Whether possession of every key is proved that a token is bound to: by a DPoP proof (RFC 9449), a client certificate (RFC 8705),
 * or both. A binding that is not known here is never proved.
 */
export async function provePossession(
  environment: Environment,
  cnf: Confirmation,
  presented: PresentedProof,
  accessToken: string | undefined,
): Promise<Possession | NotPossessed> {
  const { jkt, "x5t#S256": x5tS256 } = cnf;
  if (jkt === undefined && x5tS256 === undefined)
    return { reason: "proof_required", fault: "the token is bound in a way that cannot be proved here" };
  const notShown = x5tS256 === undefined ? undefined : notThatCertificate(x5tS256, presented);
  if (notShown !== undefined) return notShown;
  if (jkt === undefined) return { dpop: undefined };

  const dpop = await verifyPresentedDpop(environment, presented, accessToken);
  if (typeof dpop !== "object")
    return dpop === undefined
      ? { reason: "proof_required", fault: "a DPoP proof is required" }
      : { reason: "invalid_proof", fault: `the DPoP proof ${dpop}` };
  if (dpop.jkt !== jkt)
    return {
      reason: "invalid_proof",
      fault: "the DPoP proof is by another key than the token is bound to",
      proofKey: "other",
    };
  return { dpop };
}

/** Undefined when none was presented. */
export async function verifyPresentedDpop(
  environment: Environment,
  { dpop, http }: PresentedProof,
  accessToken: string | undefined,
): Promise<DpopProof | DpopFault | undefined> {
  if (dpop === undefined) return undefined;
  const expected = {
    http,
    accessToken,
    maxAge: environment.dpop.maxAge,
    leeway: environment.leeway,
    now: environment.store.clock.now(),
  };
  return environment.trace("assay.verify_proof", {}, () =>
    environment.signatureChecks(environment.call, () => verifyDpopProof(dpop.reveal(), expected)),
  );
}

function notThatCertificate(wanted: string, presented: PresentedProof): NotPossessed | undefined {
  const shown = presented.clientCertificate ?? presented.callerCertificate;
  if (shown === undefined) return { reason: "proof_required", fault: "a client certificate is required" };
  const [one, other] = [Buffer.from(shown), Buffer.from(wanted)];
  if (one.length === other.length && timingSafeEqual(one, other)) return undefined;
  return {
    reason: "invalid_proof",
    fault: "the client certificate is another than the token is bound to",
    // The caller's own says nothing of whoever calls the caller.
    ...(presented.clientCertificate === undefined ? {} : { proofKey: "said_other" }),
  };
}

/** What a verifier passes on to an authority, as far as its own callers may. */
import type { Caller } from "../../core/caller.ts";
import { requirePermission } from "../../core/caller.ts";
import type { Verifier } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import { requireMayIssue } from "../../core/issue/may-issue.ts";
import { requireSelectorWithin, tokenToRevoke } from "../../core/may-revoke.ts";
import { PassedOn } from "../../core/passed-on.ts";
import { requireTrail } from "../../core/require-trail.ts";
import type { RevokeRequest as CoreRevoke } from "../../core/revoke.ts";
import {
  Durability,
  type IssueRequest,
  IssueResponse,
  type RevokeRequest,
  RevokeResponse,
} from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import { exchangeToCore } from "./exchange-request.ts";
import { FORWARDED, WITHOUT_CERTIFICATE } from "./forwarded.ts";
import { mintToCore } from "./mint-request.ts";
import { refreshToCore } from "./refresh-request.ts";
import { REQUEST_ID } from "./request-id.ts";
import { revokeToCore } from "./revoke-request.ts";
import type { Answer } from "./rpc.ts";
import { gatherViolations } from "./violations.ts";

/** `encoded` are the bytes of the message: they go on as they came. */
export async function forwardIssue(
  environment: Verifier,
  caller: Caller,
  message: IssueRequest,
  encoded: Buffer,
  facts: () => CallFacts,
): Promise<Answer<IssueResponse>> {
  requireTrail(environment);
  const { grant } = message;
  switch (grant?.$case) {
    case "mint":
      requireMayIssue(caller, mintToCore(grant.value, encoded));
      break;
    case "refresh":
      requireMayIssue(caller, { clientId: refreshToCore(grant.value, facts()).clientId, audience: undefined });
      break;
    case "exchange":
      requireMayIssue(caller, exchangeToCore(grant.value, facts()));
      break;
    case undefined: {
      const violations = gatherViolations();
      violations.add("grant", "is required: mint, refresh or exchange");
      throw violations.error();
    }
  }
  const answer = await environment.upstream
    .forward("Issue", encoded, passedOn(environment, facts()))
    .catch((refusal: unknown) => knowWhatFollowed(environment, refusal));
  return { response: IssueResponse.decode(answer), outcome: grant.$case };
}

/** A refusal may be the death of a family, of which it does not tell: before it is answered, this verifier and all its workers know of that too. */
async function knowWhatFollowed(environment: Verifier, refusal: unknown): Promise<never> {
  if (refusal instanceof PassedOn && refusal.reason === "INVALID_GRANT") {
    await environment.revocations.prove();
    await environment.reachEverywhere(environment.revocations.revision());
  }
  throw refusal;
}

/** Answered when this verifier knows of the revocation itself, with all its workers. */
export async function forwardRevoke(
  environment: Verifier,
  caller: Caller,
  message: RevokeRequest,
  encoded: Buffer,
  facts: () => CallFacts,
): Promise<Answer<RevokeResponse>> {
  requireTrail(environment);
  if (!(await isForUs(environment, caller, revokeToCore(message))))
    return { response: { durability: Durability.DURABILITY_UNSPECIFIED } };
  const answer = await environment.upstream.forward("Revoke", encoded, passedOn(environment, facts()));
  const response = RevokeResponse.decode(answer);
  if (response.revision !== undefined) await environment.reachEverywhere(response.revision).catch(notKnownHere);
  return { response };
}

/** Where the authority answered with what is no revision: that is no fault of who asked. */
function notKnownHere(error: unknown): never {
  if (!(error instanceof AssayError) || error.code !== "invalid_request") throw error;
  throw new AssayError(
    "store_unavailable",
    "the outcome is unknown: the authority did not say where in the log; retry",
  );
}

/** Whether there may be something to revoke. What is no token to a verifier may be one to its authority: so to callers without limits. */
async function isForUs(environment: Verifier, caller: Caller, { selector }: CoreRevoke): Promise<boolean> {
  const { audiences, clients } = requirePermission(caller, "revoke");
  if (selector.by !== "token") {
    requireSelectorWithin(environment, caller, selector);
    return true;
  }
  if (audiences === "all" && clients === "all") return true;
  return (await tokenToRevoke(environment, caller, selector.token)) !== undefined;
}

function passedOn(
  { call }: Verifier,
  { requestId, callerCertificate = WITHOUT_CERTIFICATE }: CallFacts,
): Parameters<Verifier["upstream"]["forward"]>[2] {
  const id = requestId === undefined ? {} : { [REQUEST_ID]: requestId };
  return { call, headers: { [FORWARDED]: callerCertificate, ...id } };
}

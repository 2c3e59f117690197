import type { Caller } from "../../core/caller.ts";
import type { Authority } from "../../core/environment.ts";
import type { Selector as CoreSelector } from "../../core/selector.ts";
import { type ToldRevocation, watchRevocations, type WatchStep } from "../../core/watch.ts";
import type {
  Revocation,
  Selector,
  WatchRevocationsRequest,
  WatchRevocationsResponse,
} from "../../gen/assay/v1/token_service.ts";
import type { Send } from "./streaming-rpc.ts";
import { type Fault, identifier } from "./text-rules.ts";
import { gatherViolations } from "./violations.ts";

/** As every store writes it: incarnation and position. What is no more than that is told from the beginning. */
const REVISION = /^[\w-]+\/[\w-]+$/;

export async function watch(
  environment: Authority,
  caller: Caller,
  { after, digests_only: digestsOnly }: WatchRevocationsRequest,
  send: Send<WatchRevocationsResponse>,
): Promise<void> {
  const violations = gatherViolations();
  violations.add("after", revision(after));
  violations.throwIfAny();
  const request = { digestsOnly, ...(after === "" ? {} : { after }) };
  await watchRevocations(environment, caller, request, (step) => send(toMessage(step)));
}

function revision(value: string): Fault {
  if (value === "") return undefined;
  return identifier(value) ?? (REVISION.test(value) ? undefined : "is no revision: leave it out to begin anew");
}

function toMessage({
  revocations,
  revision: position,
  provedAtMs,
  isFromBeginning,
}: WatchStep): WatchRevocationsResponse {
  return {
    revocations: revocations.map(revocationMessage),
    revision: position,
    proved_at_ms: provedAtMs,
    from_beginning: isFromBeginning,
  };
}

function revocationMessage({ digest, cutOff, keepUntil, selector, reason, appendedAt }: ToldRevocation): Revocation {
  return {
    digest,
    selector: selector === undefined ? undefined : { iss: selector.iss, names: namesOf(selector) },
    born_at_or_before_ms: cutOff,
    expires_at_ms: keepUntil,
    reason: reason ?? "",
    appended_at_ms: appendedAt,
  };
}

function namesOf(selector: CoreSelector): Selector["names"] {
  switch (selector.kind) {
    case "token":
      return { $case: "jti", value: selector.jti };
    case "token_digest":
      return { $case: "token_digest", value: selector.digest };
    case "family":
      return { $case: "sid", value: selector.sid };
    case "subject":
      return { $case: "sub", value: selector.sub };
    case "client":
      return { $case: "client_id", value: selector.client_id };
    case "key":
      return { $case: "key_id", value: selector.kid };
    case "issuer":
      return undefined;
  }
}

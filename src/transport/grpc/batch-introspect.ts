import { after, all, type AtOnce } from "../../core/at-once.ts";
import type { Caller } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import type { BatchIntrospectRequest } from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import { encodeBatch } from "./encoded-answers.ts";
import { countOutcome, introspectItem, type ItemContext } from "./introspect-item.ts";
import type { Answer, Rpc, RpcContext } from "./rpc.ts";
import { items } from "./value-rules.ts";
import { gatherViolations } from "./violations.ts";

/** BatchIntrospect: answered at once where all its tokens are known. Its response is encoded. */
export function batchIntrospect<Role extends Environment>(
  context: RpcContext<Role>,
): Rpc<BatchIntrospectRequest, Buffer, Role> {
  return {
    method: "BatchIntrospect",
    permission: "introspect",
    weight: ({ requests }) => requests.length,
    answer: (environment, caller, message, _bytes, facts) => answer(context, environment, caller, message, facts),
  };
}

function answer<Role extends Environment>(
  rpcs: RpcContext<Role>,
  environment: Role,
  caller: Caller,
  { requests }: BatchIntrospectRequest,
  facts: () => CallFacts,
): AtOnce<Answer<Buffer>> {
  const violations = gatherViolations();
  violations.add("requests", items(requests));
  violations.throwIfAny();
  const { calls, countIntrospections } = rpcs;
  const { callsInFlight } = rpcs.current();
  let fault: unknown;
  const context: ItemContext = {
    environment,
    caller,
    facts: (index) => factsOf(facts(), index),
    admit: () => calls.requireRoom(callsInFlight),
    hold: calls.hold,
    onFault: (cause) => {
      fault ??= cause;
    },
  };
  const ends = requests.map((request, index) => introspectItem(context, index, request));
  return after(all(ends), (ended) => {
    const outcomes = new Map<string, number>();
    for (const { outcome } of ended) countOutcome(outcomes, outcome);
    for (const [outcome, count] of outcomes) countIntrospections(outcome, count);
    return { response: encodeBatch(ended), outcomes, fault };
  });
}

/** A batch that is sent again is a retry item by item; within one, a proof is good once. No caller's own id has a `#`. */
function factsOf({ requestId, ...facts }: CallFacts, index: number): CallFacts {
  return { ...facts, requestId: requestId === undefined ? undefined : `${requestId}#${index}` };
}

import type { AtOnce } from "../../core/at-once.ts";
import type { Caller } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import type { IntrospectRequest } from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import type { CallsInFlight } from "./calls-in-flight.ts";
import { introspect } from "./introspect.ts";
import { statusOf } from "./status.ts";

/** How one of many questions ended: with an IntrospectResponse, or with the google.rpc.Status of one that failed. */
export type ItemEnd = {
  bytes: Uint8Array;
  isFailure?: boolean;
  /** What was decided, or for one that failed the reason as in error_reason.proto. */
  outcome: string;
};

/** Reports introspections to telemetry: so many more that ended so. */
export type CountIntrospections = (outcome: string, count: number) => void;

export type ItemContext = {
  environment: Environment;
  caller: Caller;
  /** Of the item so numbered. */
  facts(item: number): CallFacts;
  /** Takes one more, where the limits allow it. @throws AssayError `rate_limited` */
  admit(): void;
  /** Counts it among the calls in flight. */
  hold: CallsInFlight["hold"];
  /** Hears the cause of a failure that is a fault of ours. */
  onFault: (cause: unknown) => void;
};

/** Answers one of many questions as Introspect does: at once where nothing is to be waited for. Never throws, nor rejects. */
export function introspectItem(
  context: ItemContext,
  item: number,
  request: IntrospectRequest | undefined,
): AtOnce<ItemEnd> {
  try {
    context.admit();
    if (request === undefined) throw withoutRequest();
    const answer = introspect(context.environment, context.caller, request, () => context.facts(item), true);
    if (!(answer instanceof Promise)) return answer;
    return context.hold(answer).catch((cause: unknown) => refused(context, cause));
  } catch (cause) {
    return refused(context, cause);
  }
}

export function countOutcome(outcomes: Map<string, number>, outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function refused({ onFault }: ItemContext, cause: unknown): ItemEnd {
  const { name, reason, encoded } = statusOf(cause);
  if (name === "INTERNAL") onFault(cause);
  return { bytes: encoded, isFailure: true, outcome: reason };
}

function withoutRequest(): AssayError {
  return new AssayError("invalid_request", "the request is invalid: request is required", {
    fields: [{ field: "request", description: "is required" }],
  });
}

import type { ServerDuplexStream } from "@grpc/grpc-js";
import { callGone } from "../../core/call.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import type { IntrospectStreamRequest } from "../../gen/assay/v1/token_service.ts";
import { callFacts } from "./call-facts.ts";
import { type Decoded, requireMessage } from "./decoded.ts";
import { countOutcome, introspectItem, type ItemContext, type ItemEnd } from "./introspect-item.ts";
import { type Outbox, outbox } from "./outbox.ts";
import type { RpcContext } from "./rpc.ts";
import type { OpenedStream, StreamKind } from "./stream-call.ts";
import { items as faultOfItems } from "./value-rules.ts";
import { gatherViolations } from "./violations.ts";

/** Its responses are encoded. */
type Call = ServerDuplexStream<Decoded<IntrospectStreamRequest>, Buffer>;

type Exchange = {
  readonly call: Call;
  readonly over: AbortSignal;
  readonly itemContext: ItemContext;
  /** Of the items that are taken and whose answers are not written. */
  readonly ids: Set<number>;
  readonly count: (outcome: string) => void;
  readonly outgoing: Outbox;
  readonly done: PromiseWithResolvers<void>;
  /** No further item is taken. Without a reason the stream ends well. */
  ending: { reason: unknown } | undefined;
};

const METHOD = "IntrospectStream";
/** Items taken and not written, and bytes of answers that wait: with more, no further message is read. */
const GREATEST_TAKEN = 1_024;
const GREATEST_WAITING_BYTES = 1_048_576;
/** How long a client may leave an answer unread once the stream is to end. */
const UNREAD_MS = 5_000;
const UNREAD_CHECK_MS = 500;

/** IntrospectStream: items are answered as they are done, and whatever was taken before the stream ends. */
export function introspectStream<Role extends Environment>(context: RpcContext<Role>): StreamKind<Call, Role> {
  return {
    method: METHOD,
    permission: "introspect",
    open(opened) {
      const exchange = exchangeOver(context, opened);
      return { begin: () => begin(exchange), end: (reason) => endSoon(exchange, reason) };
    },
  };
}

function exchangeOver<Role extends Environment>(context: RpcContext<Role>, opened: OpenedStream<Call, Role>): Exchange {
  const { call, over, outcomes } = opened;
  const exchange: Exchange = {
    call,
    over,
    itemContext: itemContextOf(context, opened),
    ids: new Set(),
    count(outcome) {
      countOutcome(outcomes, outcome);
      context.countIntrospections(outcome, 1);
    },
    outgoing: outbox({
      write: (message, through) => write(exchange, message, through),
      onWrite(answers) {
        for (const { id } of answers) exchange.ids.delete(id);
        finishIfDone(exchange);
      },
    }),
    done: Promise.withResolvers(),
    ending: undefined,
  };
  // It may be ended before it has begun.
  exchange.done.promise.catch(() => undefined);
  return exchange;
}

function itemContextOf<Role extends Environment>(
  { calls, log }: RpcContext<Role>,
  { call, caller, requestId, served }: OpenedStream<Call, Role>,
): ItemContext {
  // The stream's own id names no item: a proof that comes twice is a replay.
  const facts = { ...callFacts(call), requestId: undefined };
  // The first item is what the stream was admitted for.
  let isPaid = true;
  return {
    environment: served.environment,
    caller,
    facts: () => facts,
    admit() {
      if (!isPaid) served.admit(caller);
      isPaid = false;
      calls.requireRoom(served.callsInFlight);
    },
    hold: calls.hold,
    onFault: (cause) =>
      log.error({ method: METHOD, caller: caller.name, request_id: requestId, err: cause }, "item failed"),
  };
}

function begin(exchange: Exchange): Promise<void> {
  const { call, over, done } = exchange;
  over.addEventListener("abort", () => done.reject(callGone()), { once: true });
  call.on("data", (message: Decoded<IntrospectStreamRequest>) => hear(exchange, message));
  call.on("end", () => endWhenAnswered(exchange));
  finishIfDone(exchange);
  return done.promise;
}

function hear(exchange: Exchange, message: Decoded<IntrospectStreamRequest>): void {
  if (exchange.ending !== undefined) return;
  try {
    take(exchange, requireMessage(METHOD, message));
  } catch (cause) {
    exchange.ending = { reason: cause };
    exchange.outgoing.flush();
    exchange.done.reject(cause);
  }
  if (exchange.ending !== undefined || isFull(exchange)) exchange.call.pause();
}

function take(exchange: Exchange, { items }: IntrospectStreamRequest): void {
  const violations = gatherViolations();
  violations.add("items", faultOfItems(items));
  violations.throwIfAny();
  for (const [index, { id, request }] of items.entries()) {
    if (exchange.ids.has(id)) throw inFlightAlready(index);
    exchange.ids.add(id);
    const end = introspectItem(exchange.itemContext, id, request);
    if (end instanceof Promise) void end.then((late) => put(exchange, id, late));
    else put(exchange, id, end);
  }
}

function put({ over, count, outgoing }: Exchange, id: number, { bytes, isFailure = false, outcome }: ItemEnd): void {
  if (over.aborted) return;
  count(outcome);
  outgoing.put({ id, bytes, isFailure });
}

function write(exchange: Exchange, message: Buffer, through: () => void): void {
  const { call, over } = exchange;
  if (over.aborted) return;
  call.write(message, () => {
    through();
    if (exchange.ending === undefined && call.isPaused() && !isFull(exchange)) call.resume();
  });
}

function isFull({ ids, outgoing }: Exchange): boolean {
  return ids.size >= GREATEST_TAKEN || outgoing.waitingBytes() >= GREATEST_WAITING_BYTES;
}

/** When the instance or the connection goes, or another configuration comes. Not for ever, where the client does not read. */
function endSoon(exchange: Exchange, reason: AssayError = beginAgain()): void {
  const { call, over, done, outgoing, ending } = exchange;
  if (ending !== undefined) return;
  call.pause();
  endWhenAnswered(exchange, reason);
  const checking = setInterval(() => {
    if (outgoing.unreadForMs() > UNREAD_MS) done.reject(reason);
  }, UNREAD_CHECK_MS).unref();
  over.addEventListener("abort", () => clearInterval(checking), { once: true });
}

function endWhenAnswered(exchange: Exchange, reason?: AssayError): void {
  exchange.ending ??= { reason };
  finishIfDone(exchange);
}

function finishIfDone({ ending, ids, done }: Exchange): void {
  if (ending === undefined || ids.size > 0) return;
  if (ending.reason === undefined) done.resolve();
  else done.reject(ending.reason);
}

function inFlightAlready(index: number): AssayError {
  const violations = gatherViolations();
  violations.add(`items[${index}].id`, "is in flight already: give each item another until it is answered");
  return violations.error();
}

function beginAgain(): AssayError {
  return new AssayError(
    "shutting_down",
    "the configuration has changed, or the connection has come of age: begin another stream, with what is not answered",
    { retryAfterMs: 0 },
  );
}

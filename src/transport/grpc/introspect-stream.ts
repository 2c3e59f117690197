import type { ServerDuplexStream } from "@grpc/grpc-js";
import { callGone } from "../../core/call.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import type { IntrospectStreamRequest } from "../../gen/assay/v1/token_service.ts";
import { callFacts } from "./call-facts.ts";
import { boundReading } from "./bounded-reading.ts";
import { type Decoded, requireMessage } from "./decoded.ts";
import { countOutcome, introspectItem, type ItemContext, type ItemEnd } from "./introspect-item.ts";
import { type Outbox, outbox } from "./outbox.ts";
import type { RpcContext } from "./rpc.ts";
import { type OpenedStream, streamHandler } from "./stream-call.ts";
import { items as faultOfItems } from "./value-rules.ts";
import { gatherViolations } from "./violations.ts";

/** Its responses are encoded. */
type Call = ServerDuplexStream<Decoded<IntrospectStreamRequest>, Buffer>;

type Exchange = {
  readonly call: Call;
  readonly over: AbortSignal;
  readonly environment: () => Environment;
  readonly itemContext: Omit<ItemContext, "environment">;
  readonly recogniseAgain: (() => Promise<void>) | undefined;
  /** Of the items that are taken and whose answers are not written. */
  readonly ids: Set<number>;
  readonly count: (outcome: string) => void;
  readonly outgoing: Outbox;
  readonly done: PromiseWithResolvers<void>;
  /** A message waits until its caller has been judged again. */
  isJudging: boolean;
  /** No further message is heard. Without a reason the stream ends well. */
  ending: { reason: unknown } | undefined;
};

const METHOD = "IntrospectStream";
/** Items taken and not written, and bytes of answers that wait: with more, no further message is read. */
const GREATEST_TAKEN = 1_024;
const GREATEST_WAITING_BYTES = 1_048_576;
/** How long a client may leave a message of answers unread. */
const UNREAD_MS = 5_000;

/** IntrospectStream: items are answered as they are done, and whatever was taken before the stream ends. */
export function introspectStreamHandler<Role extends Environment>(context: RpcContext<Role>): (call: Call) => void {
  const handle = streamHandler<Call, Role>(context, {
    method: METHOD,
    permission: "introspect",
    open(opened) {
      const exchange = exchangeOver(context, opened);
      return {
        begin: () => begin(exchange),
        end: (reason) => endSoon(exchange, reason),
        look: () => endIfUnread(exchange),
      };
    },
  });
  return (call) => {
    boundReading(call);
    handle(call);
  };
}

function exchangeOver<Role extends Environment>(context: RpcContext<Role>, opened: OpenedStream<Call, Role>): Exchange {
  const { call, over, outcomes, environment, recogniseAgain } = opened;
  const exchange: Exchange = {
    call,
    over,
    environment,
    itemContext: itemContextOf(context, opened),
    recogniseAgain,
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
    isJudging: false,
    ending: undefined,
  };
  // It may be ended before it has begun.
  exchange.done.promise.catch(() => undefined);
  return exchange;
}

function itemContextOf<Role extends Environment>(
  { calls, log }: RpcContext<Role>,
  { call, caller, requestId, served }: OpenedStream<Call, Role>,
): Exchange["itemContext"] {
  // The stream's own id names no item: a proof that comes twice is a replay.
  const facts = { ...callFacts(call), requestId: undefined };
  // The first item is what the stream was admitted for.
  let isPaid = true;
  return {
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
  if (exchange.recogniseAgain !== undefined) return void judge(exchange, exchange.recogniseAgain, message);
  take(exchange, message);
  if (!hasRoom(exchange)) exchange.call.pause();
}

/** Each message is for whoever its caller is then, as each call is. One at a time: those that come meanwhile are not read. */
async function judge(
  exchange: Exchange,
  recogniseAgain: () => Promise<void>,
  message: Decoded<IntrospectStreamRequest>,
): Promise<void> {
  exchange.call.pause();
  exchange.isJudging = true;
  try {
    await recogniseAgain();
    if (exchange.ending?.reason === undefined) take(exchange, message);
  } catch (cause) {
    endNow(exchange, cause);
  }
  exchange.isJudging = false;
  if (hasRoom(exchange)) exchange.call.resume();
  finishIfDone(exchange);
}

function take(exchange: Exchange, message: Decoded<IntrospectStreamRequest>): void {
  try {
    takeItems(exchange, requireMessage(METHOD, message));
  } catch (cause) {
    endNow(exchange, cause);
  }
}

function endNow(exchange: Exchange, cause: unknown): void {
  exchange.ending = { reason: cause };
  exchange.outgoing.flush();
  exchange.done.reject(cause);
}

function takeItems(exchange: Exchange, { items }: IntrospectStreamRequest): void {
  const violations = gatherViolations();
  violations.add("items", faultOfItems(items));
  violations.throwIfAny();
  const context = { ...exchange.itemContext, environment: exchange.environment() };
  for (const [index, { id, request }] of items.entries()) {
    if (exchange.ids.has(id)) throw inFlightAlready(index);
    exchange.ids.add(id);
    const end = introspectItem(context, id, request);
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
    if (call.isPaused() && hasRoom(exchange)) call.resume();
  });
}

/** For another message. */
function hasRoom({ ending, isJudging, ids, outgoing }: Exchange): boolean {
  if (ending !== undefined || isJudging) return false;
  return ids.size < GREATEST_TAKEN && outgoing.waitingBytes() < GREATEST_WAITING_BYTES;
}

/** When the instance or the connection goes, or another configuration comes. */
function endSoon(exchange: Exchange, reason: AssayError = beginAgain()): void {
  if (exchange.ending !== undefined) return;
  exchange.call.pause();
  endWhenAnswered(exchange, reason);
}

/** Also of a stream that is to end: it would not for as long as its client does not read. */
function endIfUnread(exchange: Exchange): void {
  if (exchange.outgoing.unreadForMs() <= UNREAD_MS) return;
  exchange.call.pause();
  exchange.ending = { reason: exchange.ending?.reason ?? unread() };
  exchange.done.reject(exchange.ending.reason);
}

function endWhenAnswered(exchange: Exchange, reason?: AssayError): void {
  exchange.ending ??= { reason };
  finishIfDone(exchange);
}

function finishIfDone({ ending, isJudging, ids, done }: Exchange): void {
  if (ending === undefined || isJudging || ids.size > 0) return;
  if (ending.reason === undefined) done.resolve();
  else done.reject(ending.reason);
}

function inFlightAlready(index: number): AssayError {
  const violations = gatherViolations();
  violations.add(`items[${index}].id`, "is in flight already: give each item another until it is answered");
  return violations.error();
}

function unread(): AssayError {
  return new AssayError(
    "shutting_down",
    `an answer was not read for ${UNREAD_MS / 1_000} seconds: begin another stream, with what is not answered, and read it`,
    { retryAfterMs: 0 },
  );
}

function beginAgain(): AssayError {
  return new AssayError(
    "shutting_down",
    "the configuration has changed, or the connection has come of age: begin another stream, with what is not answered",
    { retryAfterMs: 0 },
  );
}

import {
  BatchIntrospectRequest,
  IntrospectRequest,
  IntrospectStreamRequest,
} from "../../src/gen/assay/v1/token_service.ts";
import type { Message } from "../generator/prepared-messages.ts";
import { fateOf } from "./fates.ts";

/** One question a message, for Introspect. */
export async function* unaryMessages(tokens: AsyncIterable<string> | Iterable<string>): AsyncIterable<Message> {
  let index = 0;
  for await (const token of tokens) {
    const bytes = IntrospectRequest.encode(IntrospectRequest.fromPartial({ token })).finish();
    yield { bytes, active: [isAlive(index++)] };
  }
}

/** So many questions a message, for BatchIntrospect. What is left over is left out. */
export function* batchMessages(tokens: readonly string[], size: number): Iterable<Message> {
  for (let begin = 0; begin + size <= tokens.length; begin += size) {
    const requests = tokens.slice(begin, begin + size).map((token) => ({ token }));
    const request = BatchIntrospectRequest.fromPartial({ requests });
    yield {
      bytes: BatchIntrospectRequest.encode(request).finish(),
      active: requests.map((_, place) => isAlive(begin + place)),
    };
  }
}

/** One item a message, for IntrospectStream; its id is its place in the rotation. */
export function* streamMessages(tokens: readonly string[]): Iterable<Message> {
  for (const [index, token] of tokens.entries()) {
    const request = IntrospectStreamRequest.fromPartial({ items: [{ id: index, request: { token } }] });
    yield { bytes: IntrospectStreamRequest.encode(request).finish(), active: [isAlive(index)] };
  }
}

function isAlive(index: number): boolean {
  return fateOf(index) === "alive";
}

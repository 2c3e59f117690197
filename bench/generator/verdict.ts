import type { LoadKind } from "./load.ts";

/**
 * What an answer says that it must not say, undefined when it is right: an inactive answer is the empty message. Walks the bytes,
 * since to decode an answer costs as much as to make it.
 */
export function wrongAnswer(kind: LoadKind, message: Buffer, active: Uint8Array): string | undefined {
  if (kind === "unary") return wrongItem(0, message.length > 0, active);
  let item = 0;
  let wrong: string | undefined;
  for (let place = 0; place < message.length; item++) {
    const { tag, value, end } = fieldAt(message, place);
    if (tag !== RESPONSES) return `an item failed: ${message.toString("latin1", place, end)}`;
    wrong ??= wrongItem(item, value > 0, active);
    place = end;
  }
  if (wrong !== undefined) return wrong;
  return item === active.length ? undefined : `${item} items were answered of ${active.length}`;
}

function wrongItem(item: number, isActive: boolean, active: Uint8Array): string | undefined {
  return Number(isActive) === active[item]
    ? undefined
    : `item ${item} was answered ${isActive ? "active" : "inactive"}`;
}

/** Each item of an IntrospectStreamResponse: its id, and whether it is active; undefined where it failed. */
export function eachItem(message: Buffer, tell: (id: number, isActive: boolean | undefined) => void): void {
  for (let place = 0; place < message.length;) {
    const item = fieldAt(message, place);
    let id = 0;
    let isActive: boolean | undefined;
    for (let inner = item.begin; inner < item.end;) {
      const { tag, value, end } = fieldAt(message, inner);
      if (tag === ITEM_ID) id = value;
      else if (tag === ITEM_RESPONSE) isActive = value > 0;
      inner = end;
    }
    tell(id, isActive);
    place = item.end;
  }
}

/** Tags as they are on the wire. Of a BatchIntrospectResponse `failures` has another, and comes last. */
const RESPONSES = 0x0a;
const ITEM_ID = 0x08;
const ITEM_RESPONSE = 0x12;

/** @returns its varint as `value`, or the length of what follows from `begin` */
function fieldAt(bytes: Buffer, place: number): { tag: number; value: number; begin: number; end: number } {
  const tag = bytes.readUInt8(place);
  let [value, factor, begin] = [0, 1, place + 1];
  for (let more = true; more; begin++) {
    const byte = bytes.readUInt8(begin);
    value += (byte & 127) * factor;
    factor *= 128;
    more = byte >= 128;
  }
  return { tag, value, begin, end: (tag & 7) === 0 ? begin : begin + value };
}

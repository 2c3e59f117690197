import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { AssayError } from "../../core/error.ts";

/** A request as it came, and what it says; `message` is undefined when the bytes cannot be decoded. */
export type Decoded<Message> = {
  message: Message | undefined;
  bytes: Buffer;
  /** It cannot be decoded because of an integer that no `number` holds exactly. */
  isOutOfRange?: boolean;
};

/** What ts-proto says of such an integer: it has no error type of its own. */
const OUT_OF_RANGE = /^Value is (larger|smaller) than Number\.M(AX|IN)_SAFE_INTEGER$/;

const NOTHING = Buffer.alloc(0);

/** Which fields of a message, by their numbers, hold messages that are checked as it is itself. */
type Checked = ReadonlyMap<number, Checked>;

/** A message without items. */
const ITSELF_ALONE: Checked = new Map();
/** An item. */
const ITEM: Checked = new Map();
/** Those that hold items: so many and no more are made of the bytes as are counted. */
const CHECKED: Readonly<Record<string, Checked>> = {
  batchIntrospect: new Map([[1, ITEM]]),
  introspectStream: new Map([[1, new Map([[2, ITEM]])]]),
};
/** Of each of these; more than any that is good has. Two bytes are enough for an item that takes a hundred times that in memory. */
const GREATEST_FIELDS = 512;

/** grpc-js answers INTERNAL for a request that cannot be decoded; so that we may answer, decoding never throws here. */
export function decodingNeverThrows(definition: ServiceDefinition): ServiceDefinition {
  const entries = Object.entries(definition).map(([name, method]) => [
    name,
    {
      ...method,
      requestDeserialize: (bytes: Buffer) => decode(method.requestDeserialize, bytes, CHECKED[name] ?? ITSELF_ALONE),
    },
  ]);
  return Object.fromEntries(entries);
}

/** @throws AssayError `invalid_request` for what could not be decoded */
export function requireMessage<Message>(method: string, { message, isOutOfRange }: Decoded<Message>): Message {
  if (message !== undefined) return message;
  const description =
    isOutOfRange === true
      ? "a number is out of range: times and durations are whole seconds below 2^53"
      : `cannot be decoded: it is not a message of the type that ${method} takes`;
  throw new AssayError("invalid_request", isOutOfRange === true ? description : `the request ${description}`, {
    fields: [{ field: "request", description }],
  });
}

/**
 * Empties a request that is answered: what HTTP/2 has of a stream stays in memory until the collector's next full run, and with it all
 * that the call holds, which for a batch is a hundred kilobytes.
 */
export function letGo(request: Decoded<unknown>): void {
  request.message = undefined;
  request.bytes = NOTHING;
}

function decode<Message>(deserialize: (bytes: Buffer) => Message, bytes: Buffer, checked: Checked): Decoded<Message> {
  try {
    checkFields(new BinaryReader(bytes), bytes.length, checked);
    return { message: deserialize(bytes), bytes };
  } catch (error) {
    return { message: undefined, bytes, isOutOfRange: error instanceof Error && OUT_OF_RANGE.test(error.message) };
  }
}

/** ts-proto stops without a word at a field 0 or the end of a group: what follows would be read by others and not by us. */
function checkFields(reader: BinaryReader, end: number, checked: Checked): void {
  for (let count = 1; reader.pos < end; count += 1) {
    if (checked !== ITSELF_ALONE && count > GREATEST_FIELDS)
      throw new Error("there are more fields than any request has");
    const [field, type] = reader.tag();
    if (type === WireType.EndGroup) throw new Error("a group ends that never began");
    if (type !== WireType.LengthDelimited) {
      reader.skip(type, field);
      continue;
    }
    const [inner, endOfInner] = [checked.get(field), endOfField(reader)];
    if (inner === undefined) reader.pos = endOfInner;
    else checkFields(reader, endOfInner, inner);
  }
  if (reader.pos !== end) throw new Error("a field goes beyond its message");
}

function endOfField(reader: BinaryReader): number {
  const length = reader.uint32();
  return reader.pos + length;
}

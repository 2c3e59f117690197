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

/** grpc-js answers INTERNAL for a request that cannot be decoded; so that we may answer, decoding never throws here. */
export function decodingNeverThrows(definition: ServiceDefinition): ServiceDefinition {
  const entries = Object.entries(definition).map(([name, method]) => [
    name,
    { ...method, requestDeserialize: (bytes: Buffer) => decode(method.requestDeserialize, bytes) },
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

function decode<Message>(deserialize: (bytes: Buffer) => Message, bytes: Buffer): Decoded<Message> {
  try {
    checkFields(bytes);
    return { message: deserialize(bytes), bytes };
  } catch (error) {
    return { message: undefined, bytes, isOutOfRange: error instanceof Error && OUT_OF_RANGE.test(error.message) };
  }
}

/** ts-proto stops without a word at a field 0 or the end of a group: what follows would be read by others and not by us. */
function checkFields(bytes: Buffer): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.EndGroup) throw new Error("a group ends that never began");
    reader.skip(type, field);
  }
}

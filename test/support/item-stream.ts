/** An IntrospectStream as a client sees it: everything that came, and how it ended. */
import {
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  type Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { CallError, itemError } from "./call-error.ts";
import { type IntrospectedMessage, type IntrospectInput, type Introspected, plainClaims } from "./introspected.ts";
import { method } from "./contract.ts";
import { eventually } from "./eventually.ts";
import { recordTokensIn } from "./leaks/record.ts";

export type ItemInput = { id?: number; request?: IntrospectInput };

export type TestItemStream = {
  /** One message of so many items. */
  send(...items: ItemInput[]): void;
  sendBytes(message: Uint8Array): void;
  /** What came, by id: an answer, or the error of an item that failed. The last where several came. */
  answers: ReadonlyMap<number, Introspected | CallError>;
  /** How many items came with each message. */
  messages: readonly number[];
  /** Resolves when so many items have come. */
  hasAnswered(count: number): Promise<void>;
  /** Asks, and resolves to the answer. @throws CallError of the item */
  ask(id: number, request: IntrospectInput): Promise<Introspected>;
  /** Sends no more. */
  half(): void;
  /** Resolves to "OK", or rejects with a `CallError`. */
  ended: Promise<"OK">;
  cancel(): void;
};

type Message = { items?: { id?: number; response?: IntrospectedMessage; status?: object }[] };

export function openItemStream(
  client: Client,
  { metadata, ...options }: CallOptions & { metadata: Metadata },
): TestItemStream {
  const { path, requestSerialize, responseDeserialize } = method("IntrospectStream");
  const answers = new Map<number, Introspected | CallError>();
  const messages: number[] = [];
  const stream: ClientDuplexStream<Buffer, Message> = client.makeBidiStreamRequest(
    path,
    (bytes: Buffer) => bytes,
    (bytes: Buffer): Message => {
      recordTokensIn(bytes);
      return responseDeserialize(bytes);
    },
    metadata,
    options,
  );
  const { promise: ended, resolve, reject } = Promise.withResolvers<"OK">();
  // Whoever does not ask how it ended does not care.
  ended.catch(() => undefined);
  stream
    .on("error", (error: ServiceError) => reject(new CallError(error)))
    .on("status", ({ code }) => {
      if (code === status.OK) resolve("OK");
    });
  stream.on("data", ({ items = [] }: Message) => {
    messages.push(items.length);
    for (const { id = 0, response, status: failure } of items)
      answers.set(id, failure === undefined ? plainClaims(response ?? {}) : itemError(failure));
  });
  const answered = (): number => messages.reduce((sum, count) => sum + count, 0);
  const sendBytes = (message: Uint8Array): void => {
    recordTokensIn(message);
    stream.write(Buffer.from(message));
  };
  const send = (...items: ItemInput[]): void => sendBytes(requestSerialize({ items }));
  return {
    send,
    sendBytes,
    answers,
    messages,
    async hasAnswered(count) {
      await eventually(`${count} items have been answered`, () => answered() >= count || undefined);
    },
    async ask(id, request) {
      answers.delete(id);
      send({ id, request });
      const answer = await Promise.race([eventually(`item ${id} is answered`, () => answers.get(id)), ended]);
      if (answer === "OK") throw new Error(`the stream ended without an answer to item ${id}`);
      if (answer instanceof CallError) throw answer;
      return answer;
    },
    half: () => void stream.end(),
    ended,
    cancel: () => stream.cancel(),
  };
}

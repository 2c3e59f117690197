import { IntrospectResponse } from "../../src/gen/assay/v1/token_service.ts";
import { type Api, pathOf } from "../api.ts";
import type { Load } from "../generator/load.ts";
import { type MessageFile, messageFile, startLoad } from "../generator/start-load.ts";
import type { Product } from "../product.ts";
import { fateOf } from "./fates.ts";
import { inTurns } from "./in-turns.ts";
import { unaryMessages } from "./messages.ts";

/** Many tokens that are asked about in turn, one each time. */
export type Rotation = {
  length: number;
  /** For Introspect. */
  messages: MessageFile;
  /** One that stays alive. */
  alive: string;
  revoked: readonly string[];
};

/** Four connections with sixteen virtual users each. */
export const UNARY: Pick<Load, "connections" | "kind" | "users"> = { kind: "unary", connections: 4, users: 16 };

/** Limits under which so many tokens stay remembered. */
export function roomFor(tokens: number): Readonly<Record<string, number>> {
  return { remembered_bytes: (tokens + SPARE) * GREATEST_BYTES };
}

/** Limits under which not so many do. */
export function roomForLess(tokens: number): Readonly<Record<string, number>> {
  return { remembered_bytes: Math.ceil(tokens * LEAST_BYTES) };
}

/** None but the revoked is kept beyond the file: a million tokens are many. */
export async function makeRotation(tokens: AsyncIterable<string> | Iterable<string>): Promise<Rotation> {
  const revoked: string[] = [];
  let [length, alive] = [0, ""];
  const noted = async function* () {
    for await (const token of tokens) {
      if (length === 0) alive = token;
      if (fateOf(length++) === "revoked") revoked.push(token);
      yield token;
    }
  };
  const messages = await messageFile(unaryMessages(noted()));
  return { length, messages, alive, revoked };
}

/** Asks the product about every token once, so that it has seen it. */
export async function seeAll({ origin, metadata }: Product, { messages, length }: Rotation): Promise<void> {
  const path = pathOf("Introspect");
  const load = await startLoad({ origin, metadata, path, ...UNARY, messages: messages.path, isChecked: false });
  try {
    await load.run({ milliseconds: FOR_EVER, calls: length });
  } finally {
    await load.stop();
  }
}

/** Revokes those whose fate it is. */
export async function revokeSome(api: Api, { revoked }: Rotation): Promise<void> {
  await inTurns(revoked, (token) => api.revoke({ selector: { $case: "token", value: token } }));
}

/** What the product says of a token that is alive, as protobuf's JSON: what an echo then always says. */
export async function answerFor(api: Api, { alive }: Rotation): Promise<unknown> {
  const answer = await api.introspect({ token: alive });
  if (!answer.active) throw new Error("a token that must be alive is inactive");
  return IntrospectResponse.toJSON(answer);
}

const FOR_EVER = 86_400_000;
const SPARE = 10_000;
/** A token's, as it is remembered, with much to spare. */
const GREATEST_BYTES = 2_048;
/** The same, with nothing to spare. */
const LEAST_BYTES = 512;

/**
 * What an introspection costs the server where the token was seen before, beside a bare echo of the same messages: one a call, 64 a call,
 * one a message of a stream; and how long the answers take at half of what the server can do. Asked to: with one token for all,
 * with tokens that expire meanwhile, and the time until a revoked token is refused, under load.
 */
import { type Api, openApi } from "../api.ts";
import type { Effort, Report, Suite } from "../effort.ts";
import { generatorCeiling } from "../generator/ceiling.ts";
import { type MessageFile, messageFile } from "../generator/start-load.ts";
import { measureExpiring } from "../introspection/expiring.ts";
import { measureLatency } from "../introspection/latency.ts";
import { measureRefusal } from "../introspection/refusal.ts";
import { measureSharedToken } from "../introspection/shared-token.ts";
import { measurePairs, type Measure } from "../pairs.ts";
import type { Product } from "../product.ts";
import { batchMessages, streamMessages } from "../rotation/messages.ts";
import { ownTokens } from "../rotation/own-tokens.ts";
import { answerFor, makeRotation, roomFor, type Rotation, seeAll, revokeSome, UNARY } from "../rotation/rotation.ts";
import { type LoadedSide, productSide, type Question, referenceSide } from "../sides.ts";
import { startReference } from "../start-reference.ts";
import { startIn, withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";
import type { Answers } from "../references/echo-server.ts";
import { IntrospectResponse, TokenFormat } from "../../src/gen/assay/v1/token_service.ts";

type Around = { product: Product; api: Api; effort: Effort; report: Report };
type Seen = { rotation: Rotation; tokens: readonly string[]; answer: unknown };
type Case = { measure: string; each: "call" | "item"; question: Question; answers: Answers };
type Pair = { echo: LoadedSide; own: LoadedSide };

const BATCH = 64;

export const runIntrospectSuite: Suite = (effort, report) =>
  withSurroundings(effort, async (surroundings) => {
    const product = await startIn(surroundings, { limits: roomFor(2 * effort.tokens) });
    const api = openApi(product);
    try {
      await untilReady(api);
      await measureAll({ product, api, effort, report });
    } finally {
      api.close();
      await product.stop();
    }
  });

async function measureAll(around: Around): Promise<void> {
  const jwts = await seen(around, TokenFormat.TOKEN_FORMAT_JWT);
  const opaque = await seen(around, TokenFormat.TOKEN_FORMAT_OPAQUE);
  try {
    await measureUnary(around, jwts);
    await measureCase(around, unaryCase("unary_seen_opaque", opaque));
    await measureBatch(around, jwts);
    await measureStream(around, jwts);
    const { product, api, effort, report } = around;
    if (effort.sharedToken)
      await measureSharedToken({ product, token: jwts.rotation.alive, answer: jwts.answer, effort, report });
    if (effort.expiring) await measureExpiring({ product, api, answer: jwts.answer, effort, report });
  } finally {
    for (const { rotation } of [jwts, opaque]) await rotation.messages.remove();
  }
}

async function seen({ product, api, effort }: Around, format: TokenFormat): Promise<Seen> {
  const tokens = await ownTokens(api, format, effort.tokens);
  const rotation = await makeRotation(tokens);
  await seeAll(product, rotation);
  await revokeSome(api, rotation);
  return { rotation, tokens, answer: await answerFor(api, rotation) };
}

function unaryCase(measure: string, { rotation, answer }: Seen): Case {
  const question = { rpc: "Introspect", ...UNARY, messages: rotation.messages.path } as const;
  return { measure, each: "call", question, answers: { introspect: answer } };
}

/** And with the same load what the generator could do, how long answers take, and how soon a revoked token is refused. */
async function measureUnary(around: Around, jwts: Seen): Promise<void> {
  const { product, api, effort, report } = around;
  const made = unaryCase("unary_seen_jwt", jwts);
  await measureCase(around, made, async (pair, rates) => {
    const load = { ...made.question, origin: product.origin, path: "/", metadata: product.metadata, isChecked: false };
    const answer = IntrospectResponse.encode(IntrospectResponse.fromJSON(jwts.answer)).finish();
    const ceiling = await generatorCeiling(load, answer, effort.milliseconds);
    report({
      suite: "introspect",
      measure: "generator_ceiling",
      unit: "calls/s",
      reference: ceiling,
      product: rates.product,
      ratio: rates.product / ceiling,
      runs: 1,
    });
    const rate = Math.min(rates.reference, rates.product) / 2;
    await measureLatency(pair, rate, effort, report);
    if (effort.revokeDuring) await measureRefusal({ api, load: pair.own.load, rate, effort, report });
  });
}

async function measureBatch(around: Around, { tokens, answer }: Seen): Promise<void> {
  await withMessages(await messageFile(batchMessages(tokens, BATCH)), (messages) =>
    measureCase(around, {
      measure: "batch64_seen",
      each: "item",
      question: { rpc: "BatchIntrospect", kind: "batch", connections: 2, users: 4, messages },
      answers: { batchIntrospect: { responses: Array.from({ length: BATCH }, () => answer) } },
    }),
  );
}

async function measureStream(around: Around, { tokens, answer }: Seen): Promise<void> {
  await withMessages(await messageFile(streamMessages(tokens), "stream"), (messages) =>
    measureCase(around, {
      measure: "stream_seen",
      each: "item",
      question: { rpc: "IntrospectStream", kind: "stream", connections: 4, users: 16, messages },
      answers: { introspectStream: { items: [{ id: 1, response: answer }] } },
    }),
  );
}

async function withMessages(file: MessageFile, work: (path: string) => Promise<void>): Promise<void> {
  try {
    await work(file.path);
  } finally {
    await file.remove();
  }
}

/** @param then with the sides still open, and their throughput */
async function measureCase(
  { product, effort, report }: Around,
  { measure, each, question, answers }: Case,
  then?: (pair: Pair, rates: Pick<Measure, "product" | "reference">) => Promise<void>,
): Promise<void> {
  const reference = await startReference("echo", answers);
  const pair = {
    echo: await referenceSide(reference, product, question),
    own: await productSide(product, question),
  };
  try {
    const options = { suite: "introspect", measure, each, ...effort };
    const [cpu, rate] = await measurePairs(options, pair.echo, pair.own);
    for (const told of [cpu, rate]) report(told);
    await then?.(pair, rate);
  } finally {
    await Promise.all([pair.echo.load.stop(), pair.own.load.stop()]);
    await reference.stop();
  }
}

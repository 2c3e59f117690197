/**
 * How many introspections a second one processor answers, beside node-oidc-provider with an in-memory adapter on the same one: opaque
 * tokens that were seen before, one a call, and 64 a call. Both know their caller by a secret, and both say of every 100th token
 * that it is not active. The peer is asked over HTTP/1.1, which is all it speaks; no connection is opened meanwhile.
 */
import { TokenFormat } from "../../src/gen/assay/v1/token_service.ts";
import { type Api, openApi } from "../api.ts";
import type { Effort, Report, Suite } from "../effort.ts";
import { type MessageFile, messageFile } from "../generator/start-load.ts";
import { measurePairs, type Side } from "../pairs.ts";
import { http1Ceiling } from "../peers/http1-ceiling.ts";
import { generateHttp1Load, type Http1Caller } from "../peers/http1-load.ts";
import { introspectingOverHttp1, type OidcProvider, startOidcProvider } from "../peers/oidc-provider.ts";
import { AUDIENCE, type Product, startProduct } from "../product.ts";
import { fateOf } from "../rotation/fates.ts";
import { inTurns } from "../rotation/in-turns.ts";
import { batchMessages } from "../rotation/messages.ts";
import { ownTokens } from "../rotation/own-tokens.ts";
import { makeRotation, roomFor, seeAll, revokeSome, UNARY } from "../rotation/rotation.ts";
import { productSide, type Question } from "../sides.ts";
import { withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";

type Around = { product: Product; api: Api; peer: Peer; effort: Effort; report: Report };
type Peer = { side: Side; callers: readonly Http1Caller[] };

const BATCH = 64;
const PEER_CONNECTIONS = 32;
/** As long as what node-oidc-provider answers of a live token. */
const PEER_ANSWER_LENGTH = 210;

export const runPeersSuite: Suite = (effort, report) =>
  withSurroundings(effort, async ({ redis, telemetry }) => {
    const provider = await startOidcProvider(AUDIENCE);
    const product = await startProduct({ storeUrl: redis.url, telemetry, limits: roomFor(effort.tokens) });
    const api = openApi(product);
    try {
      await untilReady(api);
      await measureAll({ product, api, peer: await preparedPeer(provider, effort), effort, report });
    } finally {
      api.close();
      await Promise.all([product.stop(), provider.stop()]);
    }
  });

async function measureAll(around: Around): Promise<void> {
  const { product, api, effort } = around;
  const tokens = await ownTokens(api, TokenFormat.TOKEN_FORMAT_OPAQUE, effort.tokens);
  const rotation = await makeRotation(tokens);
  const batches = await messageFile(batchMessages(tokens, BATCH));
  try {
    await seeAll(product, rotation);
    await revokeSome(api, rotation);
    const unary = { rpc: "Introspect", ...UNARY, messages: rotation.messages.path } as const;
    const peerRate = await measure(around, "vs_oidc_provider", unary);
    await reportCeiling(around, peerRate);
    await measure(around, "vs_oidc_provider_batch", batchQuestion(batches));
  } finally {
    await Promise.all([rotation.messages.remove(), batches.remove()]);
  }
}

function batchQuestion({ path }: MessageFile): Question {
  return { rpc: "BatchIntrospect", kind: "batch", connections: 2, users: 4, messages: path };
}

/** The throughput has the plain name here. @returns the peer's */
async function measure({ product, peer, effort, report }: Around, name: string, question: Question): Promise<number> {
  const own = await productSide(product, question);
  try {
    const options = { suite: "peers", measure: name, each: "item" as const, ...effort };
    const [cpu, rate] = await measurePairs(options, peer.side, own);
    report({ ...rate, measure: name });
    report({ ...cpu, measure: `${name}_cpu` });
    return rate.reference;
  } finally {
    await own.load.stop();
  }
}

async function reportCeiling({ peer, effort, report }: Around, peerRate: number): Promise<void> {
  const ceiling = await http1Ceiling(peer.callers, "x".repeat(PEER_ANSWER_LENGTH), effort.milliseconds);
  const figures = { reference: ceiling, product: peerRate, ratio: peerRate / ceiling, runs: 1 };
  report({ suite: "peers", measure: "generator_ceiling_http1", unit: "calls/s", ...figures });
}

/** With as many live tokens as the product; what is to be expired or revoked there is revoked here. */
async function preparedPeer(provider: OidcProvider, effort: Effort): Promise<Peer> {
  const places = Array.from({ length: effort.tokens }, (_, index) => index);
  const requests: Buffer[] = [];
  await inTurns(places, async (index) => {
    const token = await provider.token();
    if (!isAlive(index)) await provider.revoke(token);
    requests[index] = provider.introspection(token);
  });
  const callers = Array.from({ length: PEER_CONNECTIONS }, (_, first) =>
    introspectingOverHttp1(requests, isAlive, { first, step: PEER_CONNECTIONS }),
  );
  const { pid, port } = provider;
  return { side: { pid, run: (milliseconds) => generateHttp1Load({ port, callers, milliseconds }) }, callers };
}

function isAlive(index: number): boolean {
  return fateOf(index) === "alive";
}

/**
 * What the first sight of a token costs the server. Of a JWT, beside an echo that verifies one constant JWT of the same algorithm with
 * jose; of an opaque token in Redis, beside an echo with one GET; of one in SQLite, beside the bare echo. The server remembers
 * half as many tokens as come in turn, so that each is forgotten before it comes again, and its memory is as full as it can be.
 */
import { TokenFormat } from "../../src/gen/assay/v1/token_service.ts";
import { opaqueTokenDigest } from "../../src/core/token/opaque-token.ts";
import { opaqueTokenKey } from "../../src/store/redis/keys.ts";
import { type Api, openApi } from "../api.ts";
import type { Effort, Report, Suite } from "../effort.ts";
import { type Algorithm, ALGORITHMS, FOREIGN_ISSUER } from "../foreign-issuer.ts";
import { measurePairs } from "../pairs.ts";
import { AUDIENCE, type Product, startProduct } from "../product.ts";
import { foreignTokens } from "../rotation/foreign-tokens.ts";
import { ownTokens } from "../rotation/own-tokens.ts";
import { answerFor, makeRotation, roomForLess, type Rotation, revokeSome, UNARY } from "../rotation/rotation.ts";
import { productSide, referenceSide } from "../sides.ts";
import { type Reference, startReference } from "../start-reference.ts";
import { startIn, withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";

type Around = { product: Product; api: Api; effort: Effort; report: Report };
type Begin = (answers: { introspect: unknown }, rotation: Rotation) => Promise<Reference>;

/** Of opaque tokens in SQLite, where no bar depends on it. */
const FEW = 10_000;

export const runFirstSuite: Suite = (effort, report) =>
  withSurroundings(effort, async (surroundings) => {
    await withProduct(await startIn(surroundings, { limits: roomForLess(effort.tokens / 2) }), async (product, api) => {
      const around = { product, api, effort, report };
      for (const algorithm of ALGORITHMS) await measureJwt(around, algorithm);
      await measureOpaque(around, surroundings.redis.url);
    });
    const few = { ...effort, tokens: Math.min(effort.tokens, FEW) };
    const { telemetry } = surroundings;
    await withProduct(await startProduct({ telemetry, limits: roomForLess(few.tokens / 2) }), async (product, api) => {
      const tokens = await ownTokens(api, TokenFormat.TOKEN_FORMAT_OPAQUE, few.tokens);
      await measureFirst({ product, api, effort: few, report }, "first_opaque_sqlite", tokens, startEcho);
    });
  });

async function withProduct(product: Product, work: (product: Product, api: Api) => Promise<void>): Promise<void> {
  const api = openApi(product);
  try {
    await untilReady(api);
    await work(product, api);
  } finally {
    api.close();
    await product.stop();
  }
}

async function measureJwt(around: Around, algorithm: Algorithm): Promise<void> {
  const { foreign } = around.product;
  const jwk = foreign.jwks.find(({ alg }) => alg === algorithm);
  const tokens = foreignTokens(foreign, algorithm, around.effort.tokens);
  await measureFirst(around, `first_jwt_${algorithm.toLowerCase()}`, tokens, (answers, { alive: token }) =>
    startReference("verify-jwt", answers, { token, jwk, issuer: FOREIGN_ISSUER, audience: AUDIENCE }),
  );
}

async function measureOpaque(around: Around, url: string): Promise<void> {
  const tokens = await ownTokens(around.api, TokenFormat.TOKEN_FORMAT_OPAQUE, around.effort.tokens);
  await measureFirst(around, "first_opaque_redis", tokens, (answers, { alive }) =>
    startReference("redis-get", answers, { url, key: opaqueTokenKey(opaqueTokenDigest(alive)) }),
  );
}

async function measureFirst(
  { product, api, effort, report }: Around,
  measure: string,
  tokens: AsyncIterable<string> | Iterable<string>,
  begin: Begin,
): Promise<void> {
  const rotation = await makeRotation(tokens);
  await revokeSome(api, rotation);
  const reference = await begin({ introspect: await answerFor(api, rotation) }, rotation);
  const question = { rpc: "Introspect", ...UNARY, messages: rotation.messages.path } as const;
  const echo = await referenceSide(reference, product, question);
  const own = await productSide(product, question);
  try {
    for (const told of await measurePairs({ suite: "first", measure, ...effort }, echo, own)) report(told);
  } finally {
    await Promise.all([echo.load.stop(), own.load.stop()]);
    await reference.stop();
    await rotation.messages.remove();
  }
}

function startEcho(answers: { introspect: unknown }): Promise<Reference> {
  return startReference("echo", answers);
}

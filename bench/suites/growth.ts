/** What an introspection of a token that was seen costs among a million live tokens and revocations, beside itself among a thousand. */
import { openApi } from "../api.ts";
import type { Effort, Suite } from "../effort.ts";
import { measurePairs } from "../pairs.ts";
import { foreignTokens } from "../rotation/foreign-tokens.ts";
import { makeRotation, roomFor, seeAll, revokeSome, UNARY } from "../rotation/rotation.ts";
import { type LoadedSide, productSide } from "../sides.ts";
import { startIn, withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";

const FEW = 1_000;
const MANY = 1_000_000;
const MANY_IN_SHORT = 4_000;
/** A million remembered tokens do not fit into what V8 allows itself by default. */
const NODE_OPTIONS = "--max-old-space-size=12288";

export const runGrowthSuite: Suite = (effort, report) =>
  withGrown(effort.isShort ? MANY_IN_SHORT : MANY, effort, (many) =>
    withGrown(FEW, effort, async (few) => {
      const options = { suite: "growth", measure: "growth", ...effort };
      for (const measure of await measurePairs(options, few, many)) report(measure);
    }),
  );

/** A product with so many live revocations, which has seen so many tokens, and is asked about them in turn. */
async function withGrown(count: number, effort: Effort, work: (side: LoadedSide) => Promise<void>): Promise<void> {
  await withSurroundings({ ...effort, revocations: count }, async (surroundings) => {
    const product = await startIn(surroundings, { limits: roomFor(count), nodeOptions: NODE_OPTIONS });
    const api = openApi(product);
    try {
      await untilReady(api);
      const rotation = await makeRotation(foreignTokens(product.foreign, "EdDSA", count));
      await seeAll(product, rotation);
      await revokeSome(api, rotation);
      const side = await productSide(product, { rpc: "Introspect", ...UNARY, messages: rotation.messages.path });
      try {
        await work(side);
      } finally {
        await side.load.stop();
        await rotation.messages.remove();
      }
    } finally {
      api.close();
      await product.stop();
    }
  });
}

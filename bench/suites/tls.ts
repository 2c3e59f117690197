/** What an introspection of a token that was seen costs over TLS 1.3, beside itself in plaintext. No bar: it is reported. */
import { randomBytes } from "node:crypto";
import { openApi } from "../api.ts";
import type { Suite } from "../effort.ts";
import { makeForeignIssuer } from "../foreign-issuer.ts";
import { measurePairs } from "../pairs.ts";
import type { Product } from "../product.ts";
import { foreignTokens } from "../rotation/foreign-tokens.ts";
import { makeRotation, roomFor, seeAll, revokeSome, UNARY } from "../rotation/rotation.ts";
import { productSide } from "../sides.ts";
import { startIn, withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";

export const runTlsSuite: Suite = (effort, report) =>
  withSurroundings(effort, async (surroundings) => {
    const foreign = await makeForeignIssuer();
    const masterKey = randomBytes(32).toString("base64url");
    const common = { masterKey, foreign, limits: roomFor(effort.tokens) };
    const plain = await startIn(surroundings, common);
    await makeReady(plain);
    const secured = await startIn(surroundings, { ...common, tls: true });
    const rotation = await makeRotation(foreignTokens(foreign, "EdDSA", effort.tokens));
    const question = { rpc: "Introspect", ...UNARY, messages: rotation.messages.path } as const;
    try {
      for (const product of [plain, secured]) await seeAll(product, rotation);
      const api = openApi(plain);
      await revokeSome(api, rotation).finally(() => api.close());
      const sides = [await productSide(plain, question), await productSide(secured, question)] as const;
      const measures = measurePairs({ suite: "tls", measure: "tls", ...effort }, ...sides);
      for (const measure of await measures) report(measure);
      for (const { load } of sides) await load.stop();
    } finally {
      await rotation.messages.remove();
      await Promise.all([plain.stop(), secured.stop()]);
    }
  });

async function makeReady(product: Product): Promise<void> {
  const api = openApi(product);
  await untilReady(api).finally(() => api.close());
}

/**
 * How many introspections a second 256 concurrent callers get out of one process with our TypeScript client, which puts them on one
 * stream, beside one grpc-js unary call each; against the same server, which has seen all tokens. `_cpu` is what each costs the server.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenFormat } from "../../src/gen/assay/v1/token_service.ts";
import { type Api, openApi } from "../api.ts";
import { type Callers, startCallers } from "../client/start-callers.ts";
import type { Effort, Report, Suite } from "../effort.ts";
import { measurePairs } from "../pairs.ts";
import { type Product, startProduct } from "../product.ts";
import { fateOf } from "../rotation/fates.ts";
import { ownTokens } from "../rotation/own-tokens.ts";
import { makeRotation, roomFor, seeAll, revokeSome } from "../rotation/rotation.ts";
import { withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";

const CALLERS = 256;

export const runClientSuite: Suite = (effort, report) =>
  withSurroundings(effort, async ({ redis, telemetry }) => {
    const product = await startProduct({ storeUrl: redis.url, telemetry, limits: roomFor(effort.tokens) });
    const api = openApi(product);
    const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
    try {
      await untilReady(api);
      const tokens = join(directory, "tokens.json");
      await writeFile(tokens, JSON.stringify(await seenTokens(product, api, effort)));
      await measure(product, tokens, effort, report);
    } finally {
      await rm(directory, { recursive: true, force: true });
      api.close();
      await product.stop();
    }
  });

/** Each with whether it must come back active. */
async function seenTokens(product: Product, api: Api, effort: Effort): Promise<[token: string, isActive: boolean][]> {
  const tokens = await ownTokens(api, TokenFormat.TOKEN_FORMAT_JWT, effort.tokens);
  const rotation = await makeRotation(tokens);
  try {
    await seeAll(product, rotation);
    await revokeSome(api, rotation);
    return tokens.map((token, index) => [token, fateOf(index) === "alive"]);
  } finally {
    await rotation.messages.remove();
  }
}

async function measure(product: Product, tokens: string, effort: Effort, report: Report): Promise<void> {
  const secret = product.metadata["authorization"]?.replace("Bearer ", "") ?? "";
  const common = { address: new URL(product.origin).host, secret, callers: CALLERS, tokens };
  const opened: Callers[] = [];
  try {
    for (const kind of ["alone", "coalescing"] as const) opened.push(await startCallers({ kind, ...common }));
    const sides = opened.map(({ run }) => ({ pid: product.pid, run }));
    const [alone, coalescing] = sides;
    if (alone === undefined || coalescing === undefined) throw new Error("there are two sides");
    const options = { suite: "client", measure: "client_coalescing", ...effort };
    const [cpu, rate] = await measurePairs(options, alone, coalescing);
    report({ ...rate, measure: "client_coalescing" });
    report({ ...cpu, measure: "client_coalescing_cpu" });
  } finally {
    for (const callers of opened) await callers.stop();
  }
}

import { TokenFormat } from "../../src/gen/assay/v1/token_service.ts";
import { type Api, mintToken } from "../api.ts";
import type { Effort, Report } from "../effort.ts";
import type { RunningLoad } from "../generator/start-load.ts";
import { medianMeasure } from "../pairs.ts";
import { quantile } from "../revocation/quantiles.ts";

export type RefusalOptions = { api: Api; load: RunningLoad; rate: number; effort: Effort; report: Report };

/** Milliseconds each. */
type Samples = readonly number[];

const PARTS = { p50: 0.5, p99: 0.99 } as const;

/** From the sending of a Revoke until the same instance refuses the token: beside an idle one, one that answers at `rate` meanwhile. */
export async function measureRefusal({ api, load, rate, effort, report }: RefusalOptions): Promise<void> {
  const runs: Record<"product" | "reference", Samples>[] = [];
  while (runs.length < effort.runs) {
    const reference = await refusals(api, effort.milliseconds);
    const under = load.run({ milliseconds: effort.milliseconds, rate });
    const [product] = await Promise.all([refusals(api, effort.milliseconds), under]);
    runs.push({ reference, product });
  }
  for (const [name, part] of Object.entries(PARTS)) {
    const pairs = runs.map(({ reference, product }) => ({
      reference: quantile(reference, part),
      product: quantile(product, part),
    }));
    report(medianMeasure({ suite: "introspect", measure: `revoked_refused_ms_${name}`, unit: "ms" }, pairs));
  }
}

/** One after another, for so long; at least one. */
async function refusals(api: Api, milliseconds: number): Promise<Samples> {
  const end = performance.now() + milliseconds;
  const samples: number[] = [];
  do {
    const token = await mintToken(api, TokenFormat.TOKEN_FORMAT_JWT);
    if (!(await api.introspect({ token })).active) throw new Error("a new token is inactive");
    const sent = performance.now();
    const revoked = api.revoke({ selector: { $case: "token", value: token } });
    while ((await api.introspect({ token })).active);
    samples.push(performance.now() - sent);
    await revoked;
  } while (performance.now() < end);
  return samples;
}

import { type Measure, median } from "../pairs.ts";
import { boot } from "./start-second.ts";
import type { StorePlace } from "./store.ts";

export type BootOptions = {
  runs: number;
  many: { place: StorePlace; count: number };
  few: { place: StorePlace; count: number };
};

/** What an entry may take at most, in bytes. */
const GREATEST_BYTES = 64;

/**
 * A boot with many live revocations: until the first proof, beside a bare read of the same; and what is resident for each, which is
 * what a process with many has more than one with few.
 */
export async function measureBoots(
  { runs, many, few }: BootOptions,
  report: (measure: Measure) => void,
): Promise<void> {
  const raw: number[] = [];
  const views: number[] = [];
  const bytes: number[] = [];
  while (views.length < runs) {
    raw.push((await boot("boot-raw", many.place)).ms);
    const view = await boot("boot-view", many.place);
    views.push(view.ms);
    const small = await boot("boot-view", few.place);
    bytes.push((view.resident - small.resident) / (many.count - few.count));
  }
  report({
    suite: "revocation",
    measure: "catch_up",
    unit: "ms",
    reference: median(raw),
    product: median(views),
    ratio: median(views.map((ms, run) => ms / (raw[run] ?? Number.NaN))),
    runs,
  });
  const each = median(bytes);
  report({
    suite: "revocation",
    measure: "bytes_per_revocation",
    unit: "bytes",
    reference: GREATEST_BYTES,
    product: each,
    ratio: each / GREATEST_BYTES,
    runs,
  });
}

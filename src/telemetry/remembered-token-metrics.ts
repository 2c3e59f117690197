import { metrics } from "@opentelemetry/api";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

/** What the memory of tokens says of itself. */
export type MemoryFacts = {
  readonly size: number;
  readonly bytes: number;
  /** How many tokens that were asked for were found in it since it was made, and how many were not. */
  readonly hits: number;
  readonly misses: number;
};

/** Where the memory lies: a change of policy puts another in its place. */
export type MemorySource = { readonly rememberedTokens: MemoryFacts };

export type FollowMemory = (source: MemorySource) => void;

export const unfollowed: FollowMemory = () => undefined;

/** Takes the last that it was given. Take it after telemetry has started. */
export function rememberedTokenMetrics(): FollowMemory {
  let source: MemorySource | undefined;
  let last: MemoryFacts | undefined;
  /** Of memories that are gone: what counts must not fall. */
  const before = { hits: 0, misses: 0 };
  const current = (): MemoryFacts | undefined => {
    const now = source?.rememberedTokens;
    if (now !== last) {
      before.hits += last?.hits ?? 0;
      before.misses += last?.misses ?? 0;
      last = now;
    }
    return now;
  };
  observe(current, before);
  return (given) => {
    source = given;
    current();
  };
}

function observe(current: () => MemoryFacts | undefined, before: Pick<MemoryFacts, "hits" | "misses">): void {
  const meter = metrics.getMeter(SCOPE);
  const lookups = meter.createObservableCounter(METRICS.rememberedLookups, {
    description: "Introspected tokens that were remembered (hit), and that were not (miss).",
  });
  const held = meter.createObservableGauge(METRICS.rememberedTokens, {
    unit: "{token}",
    description: "Tokens that need not be verified again.",
  });
  const memory = meter.createObservableGauge(METRICS.rememberedMemory, {
    unit: "By",
    description: "Memory taken for remembered tokens.",
  });
  meter.addBatchObservableCallback(
    (result) => {
      const now = current();
      if (now === undefined) return;
      result.observe(lookups, before.hits + now.hits, { [ATTRIBUTES.outcome]: "hit" });
      result.observe(lookups, before.misses + now.misses, { [ATTRIBUTES.outcome]: "miss" });
      result.observe(held, now.size);
      result.observe(memory, now.bytes);
    },
    [lookups, held, memory],
  );
}

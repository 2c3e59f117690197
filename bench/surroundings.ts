import { type RedisServer, startRedisServer } from "../test/support/redis-server.ts";
import { startChild } from "./child-process.ts";
import type { Effort } from "./effort.ts";
import { type Product, type ProductOptions, startProduct } from "./product.ts";
import { fill } from "./revocation/fill.ts";
import { DAY_MS } from "./revocation/store.ts";

/** What a product is measured in. */
export type Surroundings = {
  /** A Redis with so many live revocations as the effort says. */
  redis: RedisServer;
  /** An OTLP endpoint that drops what it takes. */
  telemetry: string;
};

/** A product whose calls are traced as configured in production, and which is patient with a machine that is busy with the bench itself. */
export function startIn({ redis, telemetry }: Surroundings, options: ProductOptions = {}): Promise<Product> {
  return startProduct({ storeUrl: redis.url, telemetry, maxStaleness: "10s", ...options });
}

const SINK = new URL("otlp-sink.ts", import.meta.url).pathname;

export async function withSurroundings(
  { revocations }: Pick<Effort, "revocations">,
  work: (surroundings: Surroundings) => Promise<void>,
): Promise<void> {
  await withSink(async (telemetry) => {
    await withRedis(async (redis) => {
      await fill(redis, revocations, DAY_MS);
      await work({ redis, telemetry });
    });
  });
}

/** An OTLP endpoint that drops what it takes. */
export async function withSink(work: (telemetry: string) => Promise<void>): Promise<void> {
  const sink = await startChild([SINK], {}, (line) => /^\d+$/.test(line), { on: "client" });
  try {
    await work(`http://127.0.0.1:${sink.firstLine}`);
  } finally {
    await sink.stop();
  }
}

/** That rewrites and saves no file meanwhile, which would stall whatever is measured then. */
export async function withRedis(work: (redis: RedisServer) => Promise<void>): Promise<void> {
  const redis = await startRedisServer({ extra: ["--auto-aof-rewrite-percentage", "0", "--save", ""] });
  try {
    await work(redis);
  } finally {
    // A test's server tells all that it holds to the search for leaks, one key at a time.
    await redis.admin.flushall();
    await redis.remove();
  }
}

/**
 * How soon a revocation is known to another process, and what many of them cost. Each measure says beside what: see its file. The bars:
 * `propagation_p99` at most 3, `catch_up` at most 2, `bytes_per_revocation` at most 1 (of 64 bytes), `introspect_among_many_cpu` at most
 * 1.1, `growth` 1. Reported without a bar: as seen by Introspect at another
 * authority and at a verifier, over SQLite, and appends while expired revocations are purged.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisServer } from "../../test/support/redis-server.ts";
import type { Effort, Report } from "../effort.ts";
import { measureBoots } from "../revocation/boot-measures.ts";
import { fill } from "../revocation/fill.ts";
import { measureGrowth } from "../revocation/growth.ts";
import { measureIntrospection, measureSeenByIntrospect } from "../revocation/introspection.ts";
import { measurePropagation, measureSqlitePropagation } from "../revocation/propagation.ts";
import { measurePurge } from "../revocation/purge.ts";
import { DAY_MS } from "../revocation/store.ts";
import { withRedis } from "../surroundings.ts";

/** How many revocations are many. */
type Amounts = { samples: number; many: number; few: number; expired: number; rotations: number };

const FULL: Amounts = { samples: 1_000, many: 1_000_000, few: 1_000, expired: 200_000, rotations: 10_000 };
const SHORT: Amounts = { samples: 20, many: 5_000, few: 100, expired: 2_000, rotations: 50 };

export async function runRevocationSuite(effort: Effort, report: Report): Promise<void> {
  const amounts = effort.isShort ? SHORT : FULL;
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
  try {
    await withRedis((redis) => nearEmpty(redis, { effort, amounts, directory }, report));
    await withRedis((few) => withRedis((many) => withMany({ few, many }, { effort, amounts }, report)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function nearEmpty(
  redis: RedisServer,
  { effort, amounts, directory }: { effort: Effort; amounts: Amounts; directory: string },
  report: Report,
): Promise<void> {
  const size = { runs: effort.runs, samples: amounts.samples };
  await measurePropagation(redis.url, size, report);
  await measureSeenByIntrospect(redis.url, { ...size, samples: Math.ceil(size.samples / 5) }, report);
  await measureSqlitePropagation(join(directory, "propagation.db"), size, report);
  const { rotations } = amounts;
  await measureGrowth({ redis, sqlite: join(directory, "growth.db"), rotations }, report);
  await measurePurge(redis, amounts.expired, report);
}

async function withMany(
  { few, many }: Record<"few" | "many", RedisServer>,
  { effort, amounts }: { effort: Effort; amounts: Amounts },
  report: Report,
): Promise<void> {
  await fill(few, amounts.few, DAY_MS);
  await fill(many, amounts.many, DAY_MS);
  const places = {
    few: { place: few.url, count: amounts.few },
    many: { place: many.url, count: amounts.many },
  };
  await measureBoots({ runs: effort.runs, ...places }, report);
  await measureIntrospection({ few: few.url, many: many.url }, effort, report);
}

import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { FamilyStore } from "../../src/core/ports.ts";
import { familyKey } from "../../src/store/redis/keys.ts";
import type { RedisServer } from "../../test/support/redis-server.ts";
import type { Measure } from "../pairs.ts";
import { DAY_MS, openBenchStore, type StorePlace } from "./store.ts";

type GrowthOptions = { redis: RedisServer; sqlite: StorePlace; rotations: number };

const GRANT_LENGTH = 400;

/** What a family takes in the store after so many rotations, beside after one. */
export async function measureGrowth(
  { redis, sqlite, rotations }: GrowthOptions,
  report: (measure: Measure) => void,
): Promise<void> {
  const sizes = {
    redis: await grow(redis.url, rotations, async (id) => Number(await redis.admin.memory("USAGE", familyKey(id)))),
    sqlite: await grow(sqlite, rotations, async (id) => rowLength(sqlite, id)),
  };
  for (const [store, [first, last]] of Object.entries(sizes)) {
    report({
      suite: "revocation",
      measure: `growth_${store}`,
      unit: "bytes",
      reference: first,
      product: last,
      ratio: last / first,
      runs: rotations,
    });
  }
}

/** @returns the size after the first rotation, and after the last */
async function grow(
  place: StorePlace,
  rotations: number,
  sizeOf: (id: Buffer) => Promise<number>,
): Promise<[first: number, last: number]> {
  const store = await openBenchStore(place);
  try {
    const id = randomBytes(16);
    await create(store.families, id);
    await rotate(store.families, id, 0);
    const first = await sizeOf(id);
    for (let generation = 1; generation < rotations; generation++) await rotate(store.families, id, generation);
    return [first, await sizeOf(id)];
  } finally {
    await store.close();
  }
}

async function create(families: FamilyStore, id: Buffer): Promise<void> {
  const now = Date.now();
  const times = { rotatedAt: now, idleExpiresAt: now + DAY_MS, expiresAt: now + 30 * DAY_MS };
  await families.create(id, { macKeyId: 1, ...times, sealed: randomBytes(GRANT_LENGTH) });
}

async function rotate(families: FamilyStore, id: Buffer, presented: number): Promise<void> {
  const { outcome } = await families.rotate(id, {
    presented,
    now: Date.now(),
    request: randomBytes(16),
    context: randomBytes(16),
    macKeyId: 1,
    graceMs: 10_000,
    idleMs: DAY_MS,
  });
  if (outcome !== "rotated") throw new Error(`a rotation came out as '${outcome}'`);
}

/** The bytes of all columns of a family's row. */
function rowLength(path: string, id: Buffer): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT * FROM families WHERE id = ?").get(id) ?? {};
  database.close();
  return Object.values(row).reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 8), 0);
}

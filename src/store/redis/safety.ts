/** Whether a Redis keeps what it acknowledges. https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/ */
import type { Redis } from "ioredis";
import { isForbidden } from "./redis-error.ts";

export type Safety =
  | { settings: "safe" }
  /** Each says its name, its present and its wanted value. */
  | { settings: "unsafe"; faults: readonly string[] }
  /** CONFIG is forbidden to this user, or renamed. */
  | { settings: "hidden" };

const WANTED = [
  ["maxmemory-policy", "noeviction"],
  ["appendonly", "yes"],
  ["appendfsync", "always"],
  ["no-appendfsync-on-rewrite", "no"],
] as const;

export async function readSafety(redis: Redis): Promise<Safety> {
  let present: (string | undefined)[];
  try {
    present = await Promise.all(WANTED.map(([name]) => setting(redis, name)));
  } catch (error) {
    if (isForbidden(error)) {
      return { settings: "hidden" };
    }
    throw error;
  }
  const faults = WANTED.flatMap(([name, wanted], place) =>
    present[place] === wanted ? [] : [`${name} is ${present[place] ?? "unknown"}, must be ${wanted}`],
  );
  return faults.length === 0 ? { settings: "safe" } : { settings: "unsafe", faults };
}

export async function isPrimary(redis: Redis): Promise<boolean> {
  return /^role:master\r?$/m.test(await redis.info("replication"));
}

async function setting(redis: Redis, name: string): Promise<string | undefined> {
  const reply: unknown = await redis.config("GET", name);
  const value: unknown = Array.isArray(reply) ? reply[1] : undefined;
  return typeof value === "string" ? value : undefined;
}

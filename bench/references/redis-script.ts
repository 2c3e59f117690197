/**
 * The echo with one script a call that is as large as a rotation's: a key and seven arguments of the same sizes, which reads eight
 * fields of a hash, writes six, and returns six numbers. ioredis, which sends the calls of one turn of the event loop together.
 */
import { randomBytes } from "node:crypto";
import { Redis, type Result } from "ioredis";
import { z } from "zod";
import { serve } from "./echo-server.ts";
import { readSettings } from "./settings.ts";

const LUA = `
local family = KEYS[1]
local held = redis.call("HMGET", family, "a", "b", "c", "d", "e", "f", "g", "h")
redis.call("HSET", family, "a", ARGV[1], "b", ARGV[5], "c", ARGV[2], "d", ARGV[7], "e", ARGV[3], "f", ARGV[4])
return { 3, tonumber(held[1] or "0"), tonumber(ARGV[5]), tonumber(ARGV[2]), tonumber(ARGV[7]), 0 }
`;

declare module "ioredis" {
  interface RedisCommander<Context> {
    benchScript(key: string, ...parameters: (Buffer | number)[]): Result<unknown, Context>;
  }
}

const { answers, extra } = readSettings(z.object({ url: z.string() }));
const redis = new Redis(extra.url, {
  enableAutoPipelining: true,
  scripts: { benchScript: { lua: LUA, numberOfKeys: 1 } },
});
const [request, context] = [randomBytes(16), randomBytes(16)];
/** As many families as are rotated at once. */
const FAMILIES = 64;
let count = 0;

serve(answers, () => {
  const place = count++;
  const key = `bench:family:${String(place % FAMILIES).padStart(24, "0")}`;
  return redis.benchScript(key, place, Date.now(), request, context, 1, 10_000, 604_800_000);
});

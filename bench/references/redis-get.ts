/** The echo with one GET a call: ioredis, which sends those of one turn of the event loop together. */
import { Redis } from "ioredis";
import { z } from "zod";
import { serve } from "./echo-server.ts";
import { readSettings } from "./settings.ts";

const { answers, extra } = readSettings(z.object({ url: z.string(), key: z.string() }));
const redis = new Redis(extra.url, { enableAutoPipelining: true });

serve(answers, () => redis.getBuffer(extra.key));

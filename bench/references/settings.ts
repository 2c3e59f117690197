import { z } from "zod";
import type { Answers } from "./echo-server.ts";

/** Given to a reference as its first argument. */
export type ReferenceSettings<Extra> = { answers: Answers; extra: Extra };

const settings = z.object({ answers: z.record(z.string(), z.unknown()), extra: z.unknown() });

/** The settings in the first argument of this process. */
export function readSettings<Extra>(extra: z.ZodType<Extra>): ReferenceSettings<Extra> {
  const { answers, extra: own } = settings.parse(JSON.parse(process.argv[2] ?? "{}"));
  return { answers, extra: extra.parse(own) };
}

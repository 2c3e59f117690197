import { z } from "zod";
import { configSchema } from "./schema.ts";

/** The JSON Schema (draft 2020-12) of what may be written into `assay.yaml`. */
export function configJsonSchema(): Record<string, unknown> {
  const { properties, ...schema } = z.toJSONSchema(configSchema, { io: "input" });
  return {
    ...schema,
    title: "Assay configuration",
    properties: { ...properties, store: withShorthand(properties?.["store"]) },
  };
}

/** A store may be its URL alone, which the schema's preprocessing hides. */
function withShorthand(store: unknown): unknown {
  return { anyOf: [{ type: "string", minLength: 1, description: "Shorthand for store.url." }, store] };
}

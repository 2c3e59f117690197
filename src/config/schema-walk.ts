import { z } from "zod";
import type { Path } from "./config-error.ts";

/** The keys of a mapping, or of what may be written as one; undefined when the schema is something else. */
export function keysOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const inner = unwrap(schema);
  const mapping = inner instanceof z.ZodUnion ? inner.options.map(unwrap).find(isMapping) : inner;
  return isMapping(mapping) ? mapping.shape : undefined;
}

/** The schema at a path, list positions included; undefined where the schema knows no such place. */
export function schemaAt(schema: unknown, path: Path): unknown {
  return path.reduce<unknown>((parent, key) => {
    const inner = unwrap(parent);
    if (typeof key === "number") return inner instanceof z.ZodArray ? inner.element : undefined;
    return keysOf(inner)?.[key];
  }, schema);
}

/** What the schema takes, without its defaults and what becomes of it. */
export function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  return schema;
}

/** The schema's own description, wherever among its wrappers it was given. */
export function descriptionOf(schema: unknown): string | undefined {
  return schema instanceof z.ZodType ? schema.description : undefined;
}

function isMapping(schema: unknown): schema is z.ZodObject {
  return schema instanceof z.ZodObject;
}

import { parseDocument } from "yaml";
import { z } from "zod";
import type { Path } from "./config-error.ts";
import { configSchema } from "./schema.ts";
import { keysOf, unwrap } from "./schema-walk.ts";

/** One key of the configuration as the environment sets it. */
export type EnvironmentVariable = {
  name: string;
  path: Path;
  /** What the variable's text means to the schema, which then judges it. */
  read: (text: string) => unknown;
};

/** Every key of the schema, sections before what they hold, so that the narrower variable wins. */
export function environmentVariables(): readonly EnvironmentVariable[] {
  return variablesWithin(configSchema, []);
}

function variablesWithin(schema: unknown, path: readonly string[]): EnvironmentVariable[] {
  return Object.entries(keysOf(schema) ?? {}).flatMap(([key, child]) => {
    const childPath = [...path, key];
    const name = ["ASSAY", ...childPath].join("_").toUpperCase();
    return [{ name, path: childPath, read: readerFor(child) }, ...variablesWithin(child, childPath)];
  });
}

function readerFor(schema: unknown): (text: string) => unknown {
  const inner = unwrap(schema);
  return inner instanceof z.ZodString || inner instanceof z.ZodEnum ? (text) => text : readYaml;
}

/** Lists, mappings, numbers and booleans are written as in the file; what is no YAML stays text. */
function readYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0) return text;
  try {
    const value: unknown = document.toJS();
    return value;
  } catch {
    return text;
  }
}

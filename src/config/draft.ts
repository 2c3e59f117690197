import { z } from "zod";
import type { Path } from "./config-error.ts";
import { fromShorthand } from "./schema-store.ts";
import { configSchema } from "./schema.ts";

/** What of a configuration is valid by itself. What is not is undefined, and is left to the schema's own mistakes. */
export type Draft = ReturnType<typeof draftOf>;

/** Looks for what is wrong between several keys, and reports where it would be mended. */
export type Check = (draft: Draft, report: (path: Path, message: string) => void, cwd: string) => void;

const { admin, listen, upstream, store, keys, tokens, issuers, clients, callers, events, limits } = configSchema.shape;
const tls = listen.unwrap().shape.tls.unwrap();
const receiver = events.unwrap().shape.receivers.unwrap().element;
const upstreamTls = upstream.unwrap().shape.tls.unwrap();

export function draftOf(input: unknown) {
  const given = recordOf(input);
  const raw = given["role"] === "verifier" ? withoutAuthoritys(given) : given;
  const rawListen = recordOf(raw["listen"]);
  const rawUpstream = recordOf(raw["upstream"]);
  return {
    ...validParts(configSchema, raw),
    listen: {
      ...validParts(listen.unwrap(), rawListen),
      tls: rawListen["tls"] === undefined ? undefined : validParts(tls, rawListen["tls"]),
    },
    admin: validParts(admin.unwrap(), raw["admin"]),
    upstream:
      raw["upstream"] === undefined
        ? undefined
        : {
            ...validParts(upstream.unwrap(), rawUpstream),
            tls: rawUpstream["tls"] === undefined ? undefined : validParts(upstreamTls, rawUpstream["tls"]),
          },
    /** The sections that were given, whatever is in them. */
    given: new Set(Object.keys(given)),
    store: validParts(store.unwrap().out, fromShorthand(raw["store"])),
    keys: validParts(keys.unwrap(), raw["keys"]),
    tokens: validParts(tokens.unwrap(), raw["tokens"]),
    limits: validParts(limits.unwrap(), raw["limits"]),
    issuers: elements(raw["issuers"]).map((element) => validParts(issuers.unwrap().element, element)),
    clients: elements(raw["clients"]).map((element) => validParts(clients.unwrap().element, element)),
    receivers: elements(recordOf(raw["events"])["receivers"]).map((element) => validParts(receiver, element)),
    callers: elements(raw["callers"]).map((element) => validParts(callers.unwrap().element, element)),
  };
}

/** What a verifier must not have at all need not be right by itself. */
function withoutAuthoritys(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { store: _store, keys: _keys, tokens: _tokens, clients: _clients, events: _events, ...rest } = raw;
  return rest;
}

/** The keys of a mapping that are valid, whatever is wrong with the others. */
function validParts<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, input: unknown) {
  const tolerant = z.object(schema.shape).partial();
  const given = recordOf(input);
  const invalid = new Set(tolerant.safeParse(given).error?.issues.map((issue) => String(issue.path[0])));
  const parts = tolerant.parse(Object.fromEntries(Object.entries(given).filter(([key]) => !invalid.has(key))));
  for (const key of invalid) Reflect.deleteProperty(parts, key);
  return parts;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

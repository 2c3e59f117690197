import { IncomingMessage } from "node:http";
import type { Context, MiddlewareHandler } from "hono";
import type { ActiveIntrospection } from "./introspection.ts";
import { authorizer, type ProtectOptions, type ShownRequest } from "./middleware/authorize.ts";
import { certificateOf, partsOf } from "./middleware/shown-request.ts";
import type { AssayClient } from "./open-client.ts";

export type { DpopOptions, ProtectOptions } from "./middleware/authorize.ts";

/** What a context holds behind `protect`. */
export type ProtectEnv = { Variables: { introspection: ActiveIntrospection } };

/** Lets only requests through whose token is active and grants the scopes; others get their RFC 6750 answer. */
export function protect(assay: AssayClient, options?: ProtectOptions): MiddlewareHandler<ProtectEnv> {
  const authorize = authorizer(assay, options);
  return async (context, next) => {
    const verdict = await authorize(shown(context));
    if ("refusal" in verdict) {
      const { status, headers, body } = verdict.refusal;
      return context.body(body, status, { ...headers });
    }
    context.set("introspection", verdict.introspection);
    await next();
    return undefined;
  };
}

function shown({ req, env }: Context<ProtectEnv>): ShownRequest {
  const { path, query } = partsOf(req.url);
  return {
    authorization: linesOf(req.header("authorization")),
    dpop: linesOf(req.header("dpop")),
    method: req.method,
    path,
    query,
    certificateSha256: certificateIn(env),
  };
}

/** Several headers of a name arrive as one, joined by commas: neither a token nor a proof holds any. */
function linesOf(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(",").map((line) => line.trim());
}

/** On Node.js the context has the request that it was made of. */
function certificateIn(env: unknown): string | undefined {
  const incoming: unknown = typeof env === "object" && env !== null ? Reflect.get(env, "incoming") : undefined;
  return incoming instanceof IncomingMessage ? certificateOf(incoming.socket) : undefined;
}

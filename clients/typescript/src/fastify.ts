import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from "fastify";
import type { ActiveIntrospection } from "./introspection.ts";
import { authorizer, type ProtectOptions } from "./middleware/authorize.ts";
import { shownRequest } from "./middleware/shown-request.ts";
import type { AssayClient } from "./open-client.ts";

export type { DpopOptions, ProtectOptions } from "./middleware/authorize.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Behind `protect`: what the token says. */
    introspection?: ActiveIntrospection;
  }
}

/** An `onRequest` hook that lets only requests through whose token is active and grants the scopes; others get their RFC 6750 answer. */
export function protect(assay: AssayClient, options?: ProtectOptions): onRequestAsyncHookHandler {
  const authorize = authorizer(assay, options);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const verdict = await authorize(shownRequest(request.raw, request.originalUrl));
    if ("introspection" in verdict) {
      request.introspection = verdict.introspection;
      return undefined;
    }
    const { status, headers, body } = verdict.refusal;
    return reply.code(status).headers(headers).send(body);
  };
}

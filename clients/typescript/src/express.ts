import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { ActiveIntrospection } from "./introspection.ts";
import { authorizer, type ProtectOptions } from "./middleware/authorize.ts";
import { shownRequest } from "./middleware/shown-request.ts";
import type { AssayClient } from "./open-client.ts";

export type { DpopOptions, ProtectOptions } from "./middleware/authorize.ts";

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- by which Express is extended
  namespace Express {
    interface Request {
      /** Behind `protect`: what the token says. */
      introspection?: ActiveIntrospection;
    }
  }
}

/**
 * Lets only requests through whose token is active and grants the scopes; others get their RFC 6750 answer.
 * What cannot be helped by asking again goes to the error handler.
 */
export function protect(assay: AssayClient, options?: ProtectOptions): RequestHandler {
  const authorize = authorizer(assay, options);
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const verdict = await authorize(shownRequest(request, request.originalUrl));
    if ("introspection" in verdict) {
      request.introspection = verdict.introspection;
      next();
      return;
    }
    const { status, headers, body } = verdict.refusal;
    response.status(status).set(headers).end(body);
  };
}

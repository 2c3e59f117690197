import { decodeJwt } from "jose";
import {
  IntrospectRequest,
  IssueRequest,
  type IssueResponse,
  TokenFormat,
} from "../../src/gen/assay/v1/token_service.ts";
import { type Api, mintRequest, pathOf } from "../api.ts";
import type { Effort, Report } from "../effort.ts";
import { type Caller, http2Side } from "../http2-load.ts";
import { measurePairs } from "../pairs.ts";
import { type Product, SHORT_LIVED_CLIENT } from "../product.ts";
import { startReference } from "../start-reference.ts";

export type ExpiringOptions = { product: Product; api: Api; answer: unknown; effort: Effort; report: Report };

const USERS = 64;
/** Before the expiry, where a user does not wait for it. */
const AHEAD_MS = 1_000;
/** The server's clock may differ by so much from ours: it is the store's. */
const DOUBT_MS = 500;

/**
 * Tokens that expire while they are asked about: each virtual user has its own, which lives a few seconds, and refreshes it while its
 * calls go on. Every other one refreshes ahead of the expiry, the rest when they are refused. A test whose tokens all outlive
 * it never sees a token for the first time, nor one that has just died.
 */
export async function measureExpiring({ product, api, answer, effort, report }: ExpiringOptions): Promise<void> {
  const reference = await startReference("echo", { introspect: answer });
  const users = await Promise.all(Array.from({ length: USERS }, (_, index) => user(api, index % 2 === 0)));
  const message = users[0]?.next() ?? Buffer.alloc(0);
  const echoed = users.map(() => ({ next: () => message, check: () => undefined }));
  const question = { path: pathOf("Introspect"), metadata: product.metadata };
  try {
    const options = { suite: "introspect", measure: "unary_expiring", ...effort };
    const measures = await measurePairs(
      options,
      http2Side(reference.pid, { ...question, origin: reference.origin, callers: echoed }),
      http2Side(product.pid, { ...question, origin: product.origin, callers: users }),
    );
    for (const measure of measures) report(measure);
  } finally {
    await reference.stop();
  }
}

async function user(api: Api, isAhead: boolean): Promise<Caller> {
  let held = heldOf(await api.issue(mintRequest(TokenFormat.TOKEN_FORMAT_JWT, true, SHORT_LIVED_CLIENT)));
  let asked = { ...held, at: 0 };
  let isRefreshing = false;
  const refresh = async (): Promise<void> => {
    if (isRefreshing) return;
    isRefreshing = true;
    held = heldOf(await api.issue(refreshRequest(held.refreshToken)));
    isRefreshing = false;
  };
  return {
    next: () => {
      if (isAhead && held.expiresAt - Date.now() < AHEAD_MS) void refresh();
      asked = { ...held, at: Date.now() };
      return held.message;
    },
    check: (answer) => {
      const isActive = answer.length > 0;
      const { at, expiresAt } = asked;
      if (isActive ? at > expiresAt + DOUBT_MS : Date.now() < expiresAt - DOUBT_MS)
        throw new Error(`a token with ${expiresAt - at} ms to live was answered ${isActive ? "active" : "inactive"}`);
      if (!isActive) void refresh();
    },
  };
}

type Held = { message: Buffer; refreshToken: string; expiresAt: number };

function heldOf({ access_token: token, refresh_token: refreshToken = "" }: IssueResponse): Held {
  const message = Buffer.from(IntrospectRequest.encode(IntrospectRequest.fromPartial({ token })).finish());
  return { message, refreshToken, expiresAt: (decodeJwt(token).exp ?? 0) * 1_000 };
}

function refreshRequest(refreshToken: string): IssueRequest {
  const value = { refresh_token: refreshToken, client_id: SHORT_LIVED_CLIENT };
  return IssueRequest.fromPartial({ grant: { $case: "refresh", value } });
}

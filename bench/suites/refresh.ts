/**
 * What issuing and revoking costs the server. A refresh over Redis, beside an echo with one script call of the same size; the rest, over
 * both stores, beside a bare echo of the same messages.
 */
import {
  IssueRequest,
  IssueResponse,
  RevokeRequest,
  RevokeResponse,
  TokenFormat,
} from "../../src/gen/assay/v1/token_service.ts";
import { type Api, mintRequest, openApi, pathOf, type Rpc } from "../api.ts";
import type { Effort, Report, Suite } from "../effort.ts";
import { type Caller, http2Side } from "../http2-load.ts";
import { measurePairs } from "../pairs.ts";
import { CLIENT, type Product, startProduct } from "../product.ts";
import type { Answers } from "../references/echo-server.ts";
import { startReference } from "../start-reference.ts";
import { startIn, withSurroundings } from "../surroundings.ts";
import { untilReady } from "../until-ready.ts";

/** Callers that make requests for the product, and the answer that the reference gives. */
type Case = { name: string; rpc: Rpc; callers: readonly Caller[]; answers: Answers };
type Around = { product: Product; redisUrl: string | undefined; effort: Effort; report: Report };

/** As many families as the reference has. */
const USERS = 64;

export const runRefreshSuite: Suite = (effort, report) =>
  withSurroundings(effort, async (surroundings) => {
    const { redis, telemetry } = surroundings;
    for (const redisUrl of [redis.url, undefined]) {
      const product = await (redisUrl === undefined ? startProduct({ telemetry }) : startIn(surroundings));
      try {
        await measureAll({ product, redisUrl, effort, report });
      } finally {
        await product.stop();
      }
    }
  });

async function measureAll(around: Around): Promise<void> {
  const api = openApi(around.product);
  try {
    await untilReady(api);
    await measureCase(around, await refresh(api));
    await measureCase(around, await issue("issue_jwt", api, TokenFormat.TOKEN_FORMAT_JWT));
    await measureCase(around, await issue("issue_opaque", api, TokenFormat.TOKEN_FORMAT_OPAQUE));
    await measureCase(around, await revokeSubject(api));
  } finally {
    api.close();
  }
}

async function measureCase({ product, redisUrl, effort, report }: Around, made: Case): Promise<void> {
  const measure = `${made.name}_${redisUrl === undefined ? "sqlite" : "redis"}`;
  const reference =
    measure === "refresh_redis"
      ? await startReference("redis-script", made.answers, { url: redisUrl })
      : await startReference("echo", made.answers);
  const question = { path: pathOf(made.rpc), metadata: product.metadata };
  const message = made.callers[0]?.next() ?? Buffer.alloc(0);
  const echoed = made.callers.map(() => ({ next: () => message, check: () => undefined }));
  try {
    const measures = await measurePairs(
      { suite: "refresh", measure, ...effort },
      http2Side(reference.pid, { ...question, origin: reference.origin, callers: echoed }),
      http2Side(product.pid, { ...question, origin: product.origin, callers: made.callers }),
    );
    for (const told of measures) report(told);
  } finally {
    await reference.stop();
  }
}

/** Each caller holds a family and rotates it, one generation a call. */
async function refresh(api: Api): Promise<Case> {
  const request = mintRequest(TokenFormat.TOKEN_FORMAT_JWT, true);
  const families = await Promise.all(Array.from({ length: USERS }, () => api.issue(request)));
  const callers = families.map((family) => refreshing(family.refresh_token ?? ""));
  const [first = IssueResponse.create()] = families;
  return { name: "refresh", rpc: "Issue", callers, answers: { issue: IssueResponse.toJSON(first) } };
}

function refreshing(first: string): Caller {
  let refreshToken = first;
  return {
    next: () => {
      const grant = { $case: "refresh" as const, value: { refresh_token: refreshToken, client_id: CLIENT } };
      return Buffer.from(IssueRequest.encode(IssueRequest.fromPartial({ grant })).finish());
    },
    check: (answer) => {
      const successor = IssueResponse.decode(answer).refresh_token;
      if (successor === undefined || successor === refreshToken) throw new Error("a rotation did not rotate");
      refreshToken = successor;
    },
  };
}

async function issue(name: string, api: Api, format: TokenFormat): Promise<Case> {
  const request = mintRequest(format, false);
  const message = Buffer.from(IssueRequest.encode(request).finish());
  const callers = Array.from({ length: USERS }, () => ({ next: () => message, check: requireAnswer }));
  return { name, rpc: "Issue", callers, answers: { issue: IssueResponse.toJSON(await api.issue(request)) } };
}

async function revokeSubject(api: Api): Promise<Case> {
  let count = 0;
  const next = () => {
    const selector = { $case: "subject" as const, value: { iss: "", sub: `bench-${count++}` } };
    return RevokeRequest.fromPartial({ selector });
  };
  const caller = { next: () => Buffer.from(RevokeRequest.encode(next()).finish()), check: requireAnswer };
  const callers = Array.from({ length: USERS }, () => caller);
  const answers = { revoke: RevokeResponse.toJSON(await api.revoke(next())) };
  return { name: "revoke_subject", rpc: "Revoke", callers, answers };
}

function requireAnswer(answer: Buffer): void {
  if (answer.length === 0) throw new Error("an empty answer");
}

/** What each RPC costs the server, by token form and store, beside a bare echo of the same messages. */
import { connect } from "node:http2";
import {
  IntrospectRequest,
  IntrospectResponse,
  IssueRequest,
  IssueResponse,
  RevokeRequest,
  RevokeResponse,
  TokenFormat,
} from "../../src/gen/assay/v1/token_service.ts";
import { startRedisServer } from "../../test/support/redis-server.ts";
import { type Child, startChild } from "../child-process.ts";
import { call, type Caller } from "../http2-load.ts";
import { type Measure, measurePairs, type Side } from "../pairs.ts";
import { AUDIENCE, CLIENT, type Product, startProduct } from "../product.ts";

type Effort = { runs: number; milliseconds: number };
type Report = (measure: Measure) => void;

/** One measure: callers that make requests for the product, and the answer that the echo gives. */
type Case = { name: string; rpc: Rpc; callers: readonly Caller[]; answer: object };
type Rpc = "Introspect" | "Issue" | "Revoke";

const CONCURRENCY = 32;
const TOKENS = 512;
/** Every so many tokens one is revoked, and must come back inactive: a fast wrong answer is no answer. */
const REVOKED_EVERY = 50;

export async function runMainSuite(effort: Effort, report: Report): Promise<void> {
  await runOverStore("sqlite", undefined, effort, report);
  const redis = await startRedisServer();
  try {
    await runOverStore("redis", redis.url, effort, report);
  } finally {
    await redis.remove();
  }
}

async function runOverStore(store: string, url: string | undefined, effort: Effort, report: Report): Promise<void> {
  const product = await startProduct(url);
  try {
    const api = openApi(product);
    const makers = [ownJwt, foreignJwt, opaque, issueJwt, issueOpaque, refresh, revokeSubject];
    for (const make of makers) {
      const made = await make(api, product);
      await measureCase({ ...made, name: `${made.name}_${store}` }, product, effort, report);
    }
    api.close();
  } finally {
    await product.stop();
  }
}

async function measureCase(made: Case, product: Product, effort: Effort, report: Report): Promise<void> {
  const echo = await startEcho(made);
  const options = { suite: "main", measure: made.name, ...effort };
  try {
    const measures = await measurePairs(options, echoSide(echo, made, product), productSide(product, made));
    for (const measure of measures) report(measure);
  } finally {
    await echo.stop();
  }
}

function productSide({ pid, origin, metadata }: Product, { rpc, callers }: Case): Side {
  return { pid, load: (milliseconds) => ({ origin, path: pathOf(rpc), metadata, callers, milliseconds }) };
}

/** The same messages and metadata; the answers are not looked at. */
function echoSide(echo: Child, { rpc, callers }: Case, { metadata }: Product): Side {
  const origin = `http://127.0.0.1:${echo.firstLine}`;
  const message = callers[0]?.next() ?? Buffer.alloc(0);
  const echoCallers = callers.map(() => ({ next: () => message, check: () => undefined }));
  return {
    pid: echo.pid,
    load: (milliseconds) => ({ origin, path: pathOf(rpc), metadata, callers: echoCallers, milliseconds }),
  };
}

function startEcho({ rpc, answer }: Case): Promise<Child> {
  const script = new URL("../echo.ts", import.meta.url).pathname;
  return startChild([script, JSON.stringify({ [rpc.toLowerCase()]: answer })], {}, (line) => /^\d+$/.test(line));
}

function pathOf(rpc: Rpc): string {
  return `/assay.v1.TokenService/${rpc}`;
}

type Api = {
  introspect(request: Partial<IntrospectRequest>): Promise<IntrospectResponse>;
  issue(request: IssueRequest): Promise<IssueResponse>;
  revoke(request: Partial<RevokeRequest>): Promise<RevokeResponse>;
  close(): void;
};

function openApi({ origin, metadata }: Product): Api {
  const session = connect(origin);
  const send = (rpc: Rpc, message: Uint8Array) =>
    call(
      session,
      { ":method": "POST", ":path": pathOf(rpc), "content-type": "application/grpc", te: "trailers", ...metadata },
      Buffer.from(message),
    );
  return {
    introspect: async (request) =>
      IntrospectResponse.decode(
        await send("Introspect", IntrospectRequest.encode(IntrospectRequest.fromPartial(request)).finish()),
      ),
    issue: async (request) => IssueResponse.decode(await send("Issue", IssueRequest.encode(request).finish())),
    revoke: async (request) =>
      RevokeResponse.decode(await send("Revoke", RevokeRequest.encode(RevokeRequest.fromPartial(request)).finish())),
    close: () => session.close(),
  };
}

async function ownJwt(api: Api): Promise<Case> {
  return introspectCase("introspect_own_jwt", api, () => mintToken(api, TokenFormat.TOKEN_FORMAT_JWT));
}

async function opaque(api: Api): Promise<Case> {
  return introspectCase("introspect_opaque", api, () => mintToken(api, TokenFormat.TOKEN_FORMAT_OPAQUE));
}

async function foreignJwt(api: Api, product: Product): Promise<Case> {
  let count = 0;
  return introspectCase("introspect_foreign_jwt", api, () => product.foreignToken(`bench-${count++}`));
}

async function introspectCase(name: string, api: Api, makeToken: () => Promise<string>): Promise<Case> {
  const tokens = await Promise.all(Array.from({ length: TOKENS }, makeToken));
  for (const [index, token] of tokens.entries()) {
    if (isRevoked(index)) await api.revoke({ selector: { $case: "token", value: token } });
  }
  const messages = tokens.map((token) =>
    Buffer.from(IntrospectRequest.encode(IntrospectRequest.fromPartial({ token })).finish()),
  );
  const callers = Array.from({ length: CONCURRENCY }, (_, offset) => introspecting(messages, offset));
  const answer = IntrospectResponse.toJSON(await api.introspect({ token: tokens[0] ?? "" }));
  return { name, rpc: "Introspect", callers, answer: Object(answer) };
}

function isRevoked(index: number): boolean {
  return index % REVOKED_EVERY === REVOKED_EVERY - 1;
}

function introspecting(messages: readonly Buffer[], offset: number): Caller {
  let index = offset;
  return {
    next: () => messages[(index = (index + CONCURRENCY) % messages.length)] ?? Buffer.alloc(0),
    check: (answer) => {
      // An inactive answer is the empty message.
      if ((answer.length === 0) !== isRevoked(index)) throw new Error(`token ${index} got the wrong answer`);
    },
  };
}

function mintRequest(format: TokenFormat, isRefreshing: boolean): IssueRequest {
  return IssueRequest.fromPartial({
    grant: {
      $case: "mint",
      value: {
        client_id: CLIENT,
        subject: "alice",
        scope: "read",
        audience: [AUDIENCE],
        format,
        refresh: isRefreshing,
      },
    },
  });
}

async function mintToken(api: Api, format: TokenFormat): Promise<string> {
  return (await api.issue(mintRequest(format, false))).access_token;
}

async function issueJwt(api: Api): Promise<Case> {
  return issueCase("issue_jwt", api, TokenFormat.TOKEN_FORMAT_JWT);
}

async function issueOpaque(api: Api): Promise<Case> {
  return issueCase("issue_opaque", api, TokenFormat.TOKEN_FORMAT_OPAQUE);
}

async function issueCase(name: string, api: Api, format: TokenFormat): Promise<Case> {
  const request = mintRequest(format, false);
  const message = Buffer.from(IssueRequest.encode(request).finish());
  const caller = { next: () => message, check: requireAnswer };
  const answer = IssueResponse.toJSON(await api.issue(request));
  return { name, rpc: "Issue", callers: Array.from({ length: CONCURRENCY }, () => caller), answer: Object(answer) };
}

/** Each caller holds a family and rotates it, one generation a call. */
async function refresh(api: Api): Promise<Case> {
  const families = await Promise.all(
    Array.from({ length: CONCURRENCY }, () => api.issue(mintRequest(TokenFormat.TOKEN_FORMAT_JWT, true))),
  );
  const callers = families.map((family) => refreshing(family.refresh_token ?? ""));
  return {
    name: "refresh",
    rpc: "Issue",
    callers,
    answer: Object(IssueResponse.toJSON(families[0] ?? IssueResponse.create())),
  };
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

async function revokeSubject(api: Api): Promise<Case> {
  let count = 0;
  const next = () => {
    const selector = { $case: "subject" as const, value: { iss: "", sub: `bench-${count++}` } };
    return RevokeRequest.fromPartial({ selector });
  };
  const caller = { next: () => Buffer.from(RevokeRequest.encode(next()).finish()), check: requireAnswer };
  const answer = RevokeResponse.toJSON(await api.revoke(next()));
  return {
    name: "revoke_subject",
    rpc: "Revoke",
    callers: Array.from({ length: CONCURRENCY }, () => caller),
    answer: Object(answer),
  };
}

function requireAnswer(answer: Buffer): void {
  if (answer.length === 0) throw new Error("an empty answer");
}

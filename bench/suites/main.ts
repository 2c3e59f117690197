/**
 * What each RPC costs the server, by token form and store, beside a bare echo of the same messages. `introspect_…` is a token at
 * its first sight, verified or looked up and then remembered: by a server that has room for one, so that none of many that come in turn is
 * ever recalled. `introspect_…_seen` is one that the server remembers, with the usual limits; a foreign one is verified anew each
 * time its issuer's keys are loaded, here once a second, since they lie in a file.
 */
import { randomBytes } from "node:crypto";
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
import { type Api, mintRequest, mintToken, openApi, pathOf, type Rpc } from "../api.ts";
import type { Caller } from "../http2-load.ts";
import { type Measure, measurePairs, type Side } from "../pairs.ts";
import { CLIENT, type Product, startProduct } from "../product.ts";

type Effort = { runs: number; milliseconds: number };
type Report = (measure: Measure) => void;

/** One measure: callers that make requests for the product, and the answer that the echo gives. */
type Case = { name: string; rpc: Rpc; callers: readonly Caller[]; answer: object };

type Maker = (api: Api, product: Product) => Promise<Case>;

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
  const masterKey = randomBytes(32).toString("base64url");
  const introspections = [ownJwt, foreignJwt, opaque];
  const forgetful = await startProduct(url, masterKey, { remembered_tokens: 1 });
  await runCases(forgetful, introspections, store, effort, report);
  const seen = introspections.map((make): Maker => async (...by) => {
    const made = await make(...by);
    return { ...made, name: `${made.name}_seen` };
  });
  const usual = await startProduct(url, masterKey);
  await runCases(usual, [...seen, issueJwt, issueOpaque, refresh, revokeSubject], store, effort, report);
}

async function runCases(
  product: Product,
  makers: readonly Maker[],
  store: string,
  effort: Effort,
  report: Report,
): Promise<void> {
  try {
    const api = openApi(product);
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
  const tokens: string[] = [];
  // Not all at once: a store that is busy for too long is unavailable.
  while (tokens.length < TOKENS)
    tokens.push(...(await Promise.all(Array.from({ length: CONCURRENCY }, () => makeToken()))));
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

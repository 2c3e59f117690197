/** What Introspect, BatchIntrospect and IntrospectStream answer about the same, at an authority and at its verifier. */
import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CallError } from "../support/call-error.ts";
import type { TestClient } from "../support/client.ts";
import { issuer, service, startAuthority, startVerifier } from "../support/deployment.ts";
import { makeDpopKey } from "../support/dpop.ts";
import { failureOf } from "../support/failure-of.ts";
import type { Introspected, IntrospectInput } from "../support/introspected.ts";
import type { TestItemStream } from "../support/item-stream.ts";
import { API, ORDERS } from "../support/server.ts";
import { atApi } from "./bound-client.ts";
import { unreachableIssuer, unverifiableToken } from "./unreachable-issuer.ts";

type Answer = Introspected | CallError;
type Ask = (client: TestClient, requests: readonly IntrospectInput[]) => Promise<Answer[]>;

const RUNS = 40;
const MINT = { client_id: "web", subject: "alice", audience: [API], scope: "read" };

const ends: (() => Promise<unknown>)[] = [];
const atEnd = (end: () => Promise<unknown>): void => void ends.unshift(end);

let doors: Readonly<Record<"authority" | "verifier", TestClient>>;
let requests: readonly IntrospectInput[];
beforeAll(async () => {
  const authority = await startAuthority({ issuers: [unreachableIssuer] }, atEnd);
  const verifier = await startVerifier([authority.address], { issuers: [unreachableIssuer] }, atEnd);
  doors = { authority: authority.client(service), verifier: verifier.client(service) };
  requests = await everyKind(authority.client(issuer));
});
afterAll(async () => {
  for (const end of ends) await end();
});

const BULK: readonly [string, Ask][] = [
  ["BatchIntrospect", inBatch],
  ["IntrospectStream", onStream],
];

describe.each(["authority", "verifier"] as const)("at the %s", (role) => {
  test.each(BULK)(
    "%s answers as Introspect does, whatever is asked in whatever order",
    async (_rpc, ask) => {
      const client = doors[role];
      const alone = await Promise.all(requests.map((request) => oneByOne(client, request)));
      const places = fc.array(fc.nat(requests.length - 1), { minLength: 1, maxLength: 256 });
      await fc.assert(
        fc.asyncProperty(places, async (asked) => {
          const answers = await ask(
            client,
            asked.map((place) => requests[place] ?? {}),
          );
          expect(answers.map(plain)).toEqual(asked.map((place) => plain(alone[place])));
        }),
        { numRuns: RUNS },
      );
    },
    60_000,
  );
});

/** What is active, what is not for each of many reasons, and what fails. None of it uses anything up. */
async function everyKind(client: TestClient): Promise<IntrospectInput[]> {
  const issued = async (more: object = {}) => client.issue({ mint: { ...MINT, ...more } });
  const jwt = await issued({ claims: { plan: "b", deep: [1, { a: null }] } });
  const opaque = await issued({ format: "OPAQUE", refresh: true });
  const revoked = await issued({ subject: randomUUID() });
  await client.revoke({ token: revoked.access_token });
  const key = await makeDpopKey();
  const bound = await issued({ cnf: { jkt: key.jkt } });
  const [token, refreshToken = ""] = [jwt.access_token, opaque.refresh_token];
  return [
    { token },
    { token: opaque.access_token },
    { token: refreshToken },
    { token: revoked.access_token },
    { token: (await issued({ audience: [ORDERS] })).access_token },
    { token: bound.access_token },
    { token: bound.access_token, ...(await atApi(bound.access_token, key, { htm: "POST" })) },
    { token, required_scopes: ["read"] },
    { token, required_scopes: ["write"] },
    { token, audience: [API] },
    { token, audience: [ORDERS] },
    { token, audience: ["\u0000"], required_scopes: [""] },
    { token, with_marks: true },
    { token, at_least_as_fresh: "yesterday" },
    { token: `${token}x` },
    { token: unverifiableToken() },
    { token: "x" },
    { token: "" },
    {},
  ];
}

async function oneByOne(client: TestClient, request: IntrospectInput): Promise<Answer> {
  return client.introspect(request).catch(() => failureOf(client.introspect(request)));
}

async function inBatch(client: TestClient, asked: readonly IntrospectInput[]): Promise<Answer[]> {
  const { responses, failures } = await client.batchIntrospect(asked);
  return responses.map((response, place) => failures.get(place) ?? response);
}

/** In messages of seven. */
async function onStream(client: TestClient, asked: readonly IntrospectInput[]): Promise<Answer[]> {
  const stream = client.introspectStream();
  const items = asked.map((request, id) => ({ id, request }));
  for (let start = 0; start < items.length; start += 7) stream.send(...items.slice(start, start + 7));
  stream.half();
  await stream.ended;
  return asked.map((_, id) => answerTo(stream, id));
}

function answerTo({ answers }: TestItemStream, id: number): Answer {
  const answer = answers.get(id);
  if (answer === undefined) throw new Error(`item ${id} was not answered`);
  return answer;
}

function plain(answer: Answer | undefined): unknown {
  if (!(answer instanceof CallError)) return answer;
  const { code, reason, details, info, fields, retryAfter } = answer;
  return { code, reason, details, info, fields, retryAfter };
}

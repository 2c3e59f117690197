import { Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import type { BatchIntrospected, TestClient } from "../support/client.ts";
import { makeDpopKey } from "../support/dpop.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import type { IntrospectInput } from "../support/introspected.ts";
import { API, startServer, testCaller } from "../support/server.ts";
import { slowIssuer } from "../support/slow-issuer.ts";
import { atApi, mintBound, reasonOf } from "./bound-client.ts";
import { unreachableIssuer, unverifiableToken } from "./unreachable-issuer.ts";

const api = testCaller({ name: "api", permissions: ["introspect"], audiences: [API] });

const garbage = (count: number): IntrospectInput[] => Array.from({ length: count }, () => ({ token: "x" }));

async function issued(client: TestClient, subject = "alice"): Promise<string> {
  return (await client.issue({ mint: { client_id: "web", subject, audience: [API] } })).access_token;
}

function reasons({ responses }: BatchIntrospected): (string | undefined)[] {
  return responses.map(reasonOf);
}

test("a batch is answered in the order of its requests", async () => {
  const client = (await startServer()).client();
  const subjects = Array.from({ length: 256 }, (_, place) => `subject ${place}`);
  const tokens = await Promise.all(subjects.map((subject) => issued(client, subject)));
  for (const _ of ["first", "again"]) {
    const { responses, failures } = await client.batchIntrospect(tokens.map((token) => ({ token })));
    expect(responses.map(({ sub }) => sub)).toEqual(subjects);
    expect(failures.size).toBe(0);
  }
}, 30_000);

test.each([0, 257])("a batch of %i is INVALID_ARGUMENT", async (count) => {
  const client = (await startServer()).client();
  const failure = await failureOf(client.batchIntrospect(garbage(count)));
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields)).toEqual(["requests"]);
});

test("what fails for one item fails for it alone, as it would have failed by itself", async () => {
  const server = await startServer({ callers: [api.entry], issuers: [unreachableIssuer] });
  const [client, all] = [server.client({ secret: api.secret }), server.client()];
  const token = await issued(all);
  const requests: IntrospectInput[] = [
    { token },
    { token: "" },
    { token: unverifiableToken() },
    { token, audience: ["https://elsewhere.example"] },
    { token: "x" },
    { token },
  ];
  const { responses, failures } = await client.batchIntrospect(requests);
  expect(responses.map(({ active }) => active)).toEqual([true, undefined, undefined, undefined, undefined, true]);
  expect([...failures.keys()]).toEqual([1, 2, 3]);
  for (const [index, failure] of failures) {
    const { code, reason, details, fields, info, retryAfter } = await failureOf(
      client.introspect(requests[index] ?? {}),
    );
    expect(failure).toMatchObject({ code, reason, details, fields, info, retryAfter });
  }
  expect([...failures.values()].map(({ reason }) => reason)).toEqual([
    "INVALID_REQUEST",
    "KEYS_UNAVAILABLE",
    "AUDIENCE_NOT_ALLOWED",
  ]);
});

test("what is revoked between two batches is active in the first and not in the second", async () => {
  const client = (await startServer()).client();
  const requests = [{ token: await issued(client) }, { token: await issued(client, "bob") }];
  expect(reasons(await client.batchIntrospect(requests))).toEqual(["ACTIVE", "ACTIVE"]);
  await client.revoke({ subject: { sub: "alice" } });
  expect(reasons(await client.batchIntrospect(requests))).toEqual(["REVOKED", "ACTIVE"]);
});

test("each item counts as a call: a batch beyond the rate is refused as a whole, and takes nothing of it", async () => {
  const limits = { calls_per_second: 0.1, burst: 10 };
  const server = await startServer({ development: false, callers: [api.entry], limits });
  const client = server.client({ secret: api.secret });
  await client.batchIntrospect(garbage(6));
  const refused = await failureOf(client.batchIntrospect(garbage(6)));
  expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
  expect(refused.retryAfter).toBeGreaterThan(10);
  expect(refused.retryAfter).toBeLessThanOrEqual(20);
  expect((await client.batchIntrospect(garbage(4))).responses).toHaveLength(4);
});

test("a batch that is greater than any rate will ever allow is told so", async () => {
  const limits = { calls_per_second: 1_000, burst: 10 };
  const server = await startServer({ development: false, callers: [api.entry], limits });
  const refused = await failureOf(server.client({ secret: api.secret }).batchIntrospect(garbage(11)));
  expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
  expect(refused.details).toContain("ask them in parts");
});

test("more items at once than the instance works on are refused one by one, the others are answered", async () => {
  const { token, issuer, asked, answerKeys } = await slowIssuer();
  const server = await startServer({ limits: { calls_in_flight: 2 }, issuers: [issuer] });
  const client = server.client();
  const known = await issued(client);
  await client.introspect({ token: known });
  const answer = client.batchIntrospect([{ token: known }, { token }, { token }, { token }]);
  await asked;
  answerKeys();
  const { responses, failures } = await answer;
  expect(responses.map(({ sub }) => sub)).toEqual(["alice", "bob", "bob", undefined]);
  expect([...failures]).toMatchObject([[3, { code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED", retryAfter: 0.1 }]]);
});

test("a proof is good once in a batch, and a batch that is sent again under its request id gets its answers again", async () => {
  const client = (await startServer()).client();
  const key = await makeDpopKey();
  const { access_token: token } = await mintBound(client, key);
  const [one, another] = [
    { token, ...(await atApi(token, key)) },
    { token, ...(await atApi(token, key)) },
  ];
  const metadata = new Metadata();
  metadata.set("x-request-id", "the-same");
  const batch = (options: object = { metadata }) => client.batchIntrospect([one, one, another], options);
  const answered = reasons(await batch());
  // Whichever of the first two is done first.
  expect([
    ["ACTIVE", "PROOF_REPLAYED", "ACTIVE"],
    ["PROOF_REPLAYED", "ACTIVE", "ACTIVE"],
  ]).toContainEqual(answered);
  expect(reasons(await batch())).toEqual(answered);
  expect(reasons(await batch({}))).toEqual(["PROOF_REPLAYED", "PROOF_REPLAYED", "PROOF_REPLAYED"]);
});

test("a batch is one line in the log, which counts how its items ended", async () => {
  const server = await startServer();
  const client = server.client();
  const token = await issued(client);
  await client.batchIntrospect([{ token }, { token }, { token: "x" }, { token: "" }]);
  expect(server.log()).toContain('"items":4,"outcomes":{"active":2,"malformed":1,"INVALID_REQUEST":1}');
  expect(server.log().split('"method":"BatchIntrospect"')).toHaveLength(2);
});

test("a batch whose caller has gone stops, and the log says so", async () => {
  const { token, issuer, asked } = await slowIssuer();
  const server = await startServer({ issuers: [issuer] });
  const leaving = new AbortController();
  const failure = failureOf(server.client().batchIntrospect([{ token }, { token: "x" }], { signal: leaving.signal }));
  await asked;
  leaving.abort();
  expect(await failure).toMatchObject({ code: "CANCELLED" });
  const line = /"method":"BatchIntrospect","caller":"development","status":"CANCELLED"/;
  await eventually("its line", () => line.test(server.log()) || undefined);
});

test.each<[string, Buffer]>([
  ["more items than are ever looked at", Buffer.from("0a00".repeat(100_000), "hex")],
  ["them in an item that ends before its end", nested(Buffer.from(`04${"0a00".repeat(60_000)}`, "hex"))],
  ["an item that goes beyond the message", Buffer.from([0x0a, 0x7f, 0x0a, 0x01, 0x78])],
])("a batch with %s is INVALID_ARGUMENT before anything is made of them", async (_what, request) => {
  const client = (await startServer()).client();
  const failure = await failureOf(client.raw("BatchIntrospect", request));
  expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
  expect(Object.keys(failure.fields)).toEqual(["request"]);
});

/** In a field 1. */
function nested(inner: Buffer): Buffer {
  const length = [];
  for (let rest = inner.length; rest > 0; rest >>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x0a, ...length]), inner]);
}

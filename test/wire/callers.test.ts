import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PERMISSIONS } from "../../src/core/caller.ts";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import type { TestClient } from "../support/client.ts";
import { API, ISSUER, startServer, startServerForFile, testCaller, type TestServer } from "../support/server.ts";

const MINT = { mint: { client_id: "web", subject: "alice", audience: [API] } };
const CALLS = {
  introspect: (client: TestClient) => client.introspect({ token: "x" }),
  revoke: (client: TestClient) => client.revoke({ token: "x" }),
  issue: (client: TestClient) => client.issue(MINT),
};

const NAMES = ["introspect", "revoke", "issue"] as const;

const callers = PERMISSIONS.map((permission) => ({
  permission,
  ...testCaller({ name: `only-${permission}`, permissions: [permission], audiences: [API], clients: ["*"] }),
}));

let server: TestServer;
beforeAll(async () => {
  server = await startServerForFile({ development: false, callers: callers.map(({ entry }) => entry) });
});
afterAll(() => server.stop());

describe.each(callers)("a caller that may only $permission", ({ permission, secret }) => {
  const others = NAMES.filter((name) => name !== permission);

  test.each(NAMES.filter((name) => name === permission))("is answered by %s", async (name) => {
    await expect(CALLS[name](server.client({ secret }))).resolves.toBeDefined();
  });

  test.each(others)("is refused by %s, which it may not", async (name) => {
    await expect(CALLS[name](server.client({ secret }))).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "PERMISSION_MISSING",
      info: { permission: name },
    });
  });

  test("gets the public keys", async () => {
    const { jwks } = await server.client({ secret }).getJwks();
    expect(JSON.parse(jwks)).toMatchObject({ keys: [{ use: "sig" }] });
    expect(jwks).not.toContain('"d"');
  });
});

describe.each(["Introspect", "Revoke", "Issue", "GetJwks"] as const)("%s", (method) => {
  const unknown: readonly (readonly [string, string | undefined])[] = [
    ["without credentials", undefined],
    ["with a secret that is nobody's", `Bearer ${makeCallerSecret()}`],
    ["with a secret of another form", "Bearer hunter2"],
    ["with an empty secret", "Bearer "],
    ["with another scheme", `Basic ${callers[0]?.secret}`],
    ["with two secrets at once", `Bearer ${callers[0]?.secret}, Bearer ${callers[1]?.secret}`],
    ["with a blank after the secret", `Bearer ${callers[0]?.secret} x`],
  ];

  test.each(unknown)("%s is UNAUTHENTICATED", async (_what, authorization) => {
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set("authorization", authorization);
    // Bytes that cannot be decoded: who is unknown does not learn that.
    const answer = server.client().raw(method, Buffer.from([0xff]), { metadata });
    await expect(answer).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "CALLER_UNKNOWN",
      domain: "assay.v1",
    });
  });
});

test("the scheme is told whatever its case (RFC 9110 section 11.1)", async () => {
  const metadata = new Metadata();
  metadata.set("authorization", `BEARER ${callers[0]?.secret}`);
  expect(await server.client().introspect({ token: "x" }, { metadata })).toEqual({});
});

test("in development whoever comes from this machine may do everything", async () => {
  const client = (await startServer()).client();
  const { access_token: token } = await client.issue(MINT);
  expect(await client.introspect({ token })).toMatchObject({ active: true, sub: "alice", iss: ISSUER });
});

test("in development a wrong secret is refused all the same", async () => {
  const client = (await startServer()).client({ secret: makeCallerSecret() });
  await expect(client.getJwks()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

async function answeredRequestId(given: string | undefined): Promise<string> {
  const metadata = new Metadata();
  if (given !== undefined) metadata.set("x-request-id", given);
  const client = server.client({ secret: callers[0]?.secret ?? "" });
  const { trailers } = await client.raw("Introspect", client.encode("Introspect", { token: "x" }), { metadata });
  return String(trailers.get("x-request-id")[0]);
}

test("the caller's own request id is logged and answered", async () => {
  expect(await answeredRequestId("order-42/a")).toBe("order-42/a");
  expect(server.log()).toContain('"request_id":"order-42/a"');
});

test.each([
  ["absent", undefined],
  ["too long", "x".repeat(65)],
  ["a secret or a token of ours, which would be logged", makeCallerSecret()],
  ["able to forge a log line", 'x","level":"error'],
])("a request id is made where the caller's is %s", async (_what, given) => {
  const made = await answeredRequestId(given);
  expect(made).toMatch(/^[0-9a-f-]{36}$/);
  expect(server.log()).toContain(`"request_id":"${made}"`);
});

test("the log says who called what and how it ended", async () => {
  const { secret } = testCaller({ name: "stranger", permissions: ["issue"] });
  await expect(server.client({ secret }).getJwks()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  const lines = server.log().trim().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
    method: "GetJwks",
    status: "UNAUTHENTICATED",
    reason: "CALLER_UNKNOWN",
    ms: expect.any(Number),
  });
});

describe("a connection that is known", () => {
  const secret = callers[0]?.secret ?? "";
  const others: readonly (readonly [string, string])[] = [
    ["an empty credential", ""],
    ["the same with another last character", `Bearer ${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`],
    ["as many characters that are more bytes", `Bearer ${secret.slice(0, -1)}é`],
    ["as many bytes in fewer characters", `Bearer ${secret.slice(0, -2)}é`],
  ];

  test.each(others)("by its secret is nobody with %s, and known again by the secret", async (_what, other) => {
    const statuses = await askedInTurn(server.address, [`Bearer ${secret}`, other, undefined, `Bearer ${secret}`]);
    expect(statuses).toEqual([status.OK, status.UNAUTHENTICATED, status.UNAUTHENTICATED, status.OK]);
  });

  // What is not ASCII is dropped by grpc-js, and so is none.
  test.each(others.slice(0, 2))("without credentials, in development, is nobody with %s", async (_what, other) => {
    const { address } = await startServer();
    expect(await askedInTurn(address, [undefined, other, undefined])).toEqual([
      status.OK,
      status.UNAUTHENTICATED,
      status.OK,
    ]);
  });

  test("by one caller's secret is another caller with that one's", async () => {
    const [first, second] = callers.map((caller) => `Bearer ${caller.secret}`);
    expect(await askedInTurn(server.address, [first, second, first], "Introspect")).toEqual([
      status.OK,
      status.PERMISSION_DENIED,
      status.OK,
    ]);
  });
});

/** The statuses of calls on one connection, one after the other, with credentials as no gRPC client would send them. */
async function askedInTurn(
  address: string,
  credentials: readonly (string | undefined)[],
  method = "GetJwks",
): Promise<number[]> {
  const session = connect(`http://${address}`);
  try {
    const statuses: number[] = [];
    for (const authorization of credentials) statuses.push(await asked(session, method, authorization));
    return statuses;
  } finally {
    session.destroy();
  }
}

async function asked(session: ClientHttp2Session, method: string, authorization: string | undefined): Promise<number> {
  const stream = session.request({
    ":method": "POST",
    ":path": `/assay.v1.TokenService/${method}`,
    "content-type": "application/grpc",
    te: "trailers",
    ...(authorization === undefined ? {} : { authorization }),
  });
  let told: unknown;
  for (const event of ["response", "trailers"]) {
    stream.on(event, (headers: IncomingHttpHeaders) => {
      told = headers["grpc-status"] ?? told;
    });
  }
  // An Introspect of the token "x"; the same bytes are an unknown field to the others.
  stream.end(Buffer.from([0, 0, 0, 0, 3, 0x0a, 1, 0x78]));
  stream.resume();
  await once(stream, "close");
  return Number(told);
}

/** What each framework's middleware lets through, and what it answers otherwise: RFC 6750 section 3, RFC 9449 section 7. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dpopProof, hashOf, makeDpopKey } from "../../../test/support/dpop.ts";
import { testCaller } from "../../../test/support/server.ts";
import type { ProtectOptions } from "../src/express.ts";
import type { AssayClientError } from "../src/index.ts";
import { type Framework, startResourceServer } from "./support/framework-servers.ts";
import { get } from "./support/get.ts";
import { API, NOWHERE, ORDERS, openTestClient, type Served, serveAssay } from "./support/served.ts";

const FRAMEWORKS: readonly Framework[] = ["Express", "Fastify", "Hono"];
const ORIGIN = "https://api.example";

let assay: Served;
beforeAll(async () => {
  assay = await serveAssay({}, afterAll);
});

describe.each(FRAMEWORKS)("%s", (framework) => {
  const orders = async (options?: ProtectOptions, served = assay): Promise<string> =>
    `${await startResourceServer(framework, served.client(), options)}/orders`;

  test("an active token with the scope is let through, and its claims are at hand", async () => {
    const answer = await get(await orders(), [["Authorization", `Bearer ${await assay.token()}`]]);
    expect(answer).toMatchObject({ status: 200, body: { sub: "alice" } });
  });

  test("a request without a token is challenged without an error", async () => {
    const url = await orders();
    const bare = { status: 401, challenge: 'Bearer realm="orders"', body: "" };
    expect(await get(url, [])).toMatchObject(bare);
    expect(await get(url, [["Authorization", "Basic YTpi"]])).toMatchObject(bare);
    expect(await get(`${url}?access_token=x`, [])).toMatchObject(bare);
  });

  test("a token that is not active is invalid", async () => {
    const [url, token] = [await orders(), await assay.token()];
    await assay.issuer.revoke({ token });
    const refused = { status: 401, body: { error: "invalid_token" } };
    const answers = await Promise.all([token, "x"].map((shown) => get(url, [["Authorization", `Bearer ${shown}`]])));
    expect(answers).toMatchObject([refused, refused]);
    expect(answers[0]?.challenge).toMatch(/^Bearer realm="orders", error="invalid_token", error_description="[^"]+"$/);
  });

  test("a token for another audience is invalid", async () => {
    const url = await orders({ audience: [ORDERS] });
    const answer = await get(url, [["Authorization", `Bearer ${await assay.token()}`]]);
    expect(answer).toMatchObject({ status: 401, body: { error: "invalid_token" } });
  });

  test("a token that grants too little is told which scopes are needed", async () => {
    const url = await orders({ requiredScopes: ["read", "write"] });
    const answer = await get(url, [["Authorization", `Bearer ${await assay.token()}`]]);
    expect(answer).toMatchObject({ status: 403, body: { error: "insufficient_scope" } });
    expect(answer.challenge).toContain('error="insufficient_scope"');
    expect(answer.challenge).toContain('scope="read write"');
  });

  test.each([
    [
      "two Authorization headers",
      [
        ["Authorization", "Bearer x"],
        ["Authorization", "Bearer x"],
      ],
      "",
    ],
    ["an Authorization header without a token", [["Authorization", "Bearer"]], ""],
    ["a token with a space in it", [["Authorization", "Bearer a b"]], ""],
    ["a token in the query too", [["Authorization", "Bearer x"]], "?access_token=x"],
  ] as const)("a request with %s is malformed", async (_what, headers, query) => {
    const url = await orders();
    const answer = await get(`${url}${query}`, headers);
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    expect(answer.challenge).toContain('error="invalid_request"');
  });

  test("while the service cannot say, nobody is let through, and everybody is told when to come back", async () => {
    const heard: AssayClientError[] = [];
    const client = openTestClient({ address: NOWHERE, deadlineMs: 100 });
    const url = `${await startResourceServer(framework, client, { onError: (error) => heard.push(error) })}/orders`;
    const answer = await get(url, [["Authorization", `Bearer ${await assay.token()}`]]);
    expect(answer).toMatchObject({ status: 503, retryAfter: "1", challenge: undefined });
    expect(heard).toMatchObject([{ code: "UNAVAILABLE" }]);
  });

  test("a fault of how the server is set up is its error, and nobody is let through", async () => {
    const url = await orders({ audience: ["https://elsewhere.example"] });
    const answer = await get(url, [["Authorization", `Bearer ${await assay.token()}`]]);
    expect(answer).toMatchObject({ status: 500, challenge: undefined });
  });

  test("a bound token is let through with its proof, once, and never without", async () => {
    const [url, key] = [await orders({ dpop: { origin: ORIGIN } }), await makeDpopKey()];
    const token = await assay.token({ cnf: { jkt: key.jkt } });
    const proof = await dpopProof(key, { htm: "GET", htu: `${ORIGIN}/orders`, ath: hashOf(token) });
    const shown = [
      ["Authorization", `DPoP ${token}`],
      ["DPoP", proof],
    ] as const;
    expect(await get(`${url}?page=2`, shown)).toMatchObject({ status: 200, body: { sub: "alice" } });
    const replayed = await get(url, shown);
    expect(replayed).toMatchObject({ status: 401, body: { error: "invalid_token" } });
    expect(replayed.challenge).toMatch(/^DPoP .*algs="/);
    expect(await get(url, [["Authorization", `Bearer ${token}`]])).toMatchObject({ body: { error: "invalid_token" } });
    expect(await get(url, [["Authorization", `DPoP ${token}`]])).toMatchObject({
      body: { error: "invalid_dpop_proof" },
    });
    expect(await get(url, [...shown, ["DPoP", proof]])).toMatchObject({ body: { error: "invalid_dpop_proof" } });
  });

  test("a token that is bound to nothing is not taken with a proof", async () => {
    const [url, key, token] = [await orders({ dpop: { origin: ORIGIN } }), await makeDpopKey(), await assay.token()];
    const proof = await dpopProof(key, { htm: "GET", htu: `${ORIGIN}/orders`, ath: hashOf(token) });
    const answer = await get(url, [
      ["Authorization", `DPoP ${token}`],
      ["DPoP", proof],
    ]);
    expect(answer).toMatchObject({ status: 401, body: { error: "invalid_token" } });
  });

  test("a proof without the nonce that the service wants is told the nonce", async () => {
    const strict = await serveAssay({ dpop: { require_nonce: true } });
    const [url, key] = [await orders({ dpop: { origin: ORIGIN } }, strict), await makeDpopKey()];
    const token = await strict.token({ cnf: { jkt: key.jkt } });
    const claims = { htm: "GET", htu: `${ORIGIN}/orders`, ath: hashOf(token) };
    const show = async (more: object) =>
      get(url, [
        ["Authorization", `DPoP ${token}`],
        ["DPoP", await dpopProof(key, { ...claims, ...more })],
      ]);
    const { challenge, nonce, ...answer } = await show({});
    expect(answer).toMatchObject({ status: 401, body: { error: "use_dpop_nonce" } });
    expect(challenge).toContain('error="use_dpop_nonce"');
    expect(await show({ nonce })).toMatchObject({ status: 200 });
  });

  test("where proofs are taken, a request without a token is offered both ways", async () => {
    const url = await orders({ dpop: { origin: ORIGIN } });
    expect((await get(url, [])).challenge).toMatch(/^Bearer realm="orders", DPoP realm="orders", algs="[^"]+"$/);
  });
});

test("what a realm holds cannot end its quotes, or the header", async () => {
  const url = await startResourceServer("Hono", assay.client(), { realm: 'a"b\\c\r\nSet-Cookie: x' });
  expect((await get(`${url}/orders`, [])).challenge).toBe(String.raw`Bearer realm="a\"b\\c??Set-Cookie: x"`);
});

test("what is no scope is refused before anything is served", async () => {
  const start = startResourceServer("Express", assay.client(), { requiredScopes: ["read write"] });
  await expect(start).rejects.toThrow(/^requiredScopes/);
});

test("a caller that the service asks to slow down passes that on", async () => {
  const slow = testCaller({
    name: "slow",
    permissions: ["introspect"],
    audiences: [API],
    calls_per_second: 1,
    burst: 1,
  });
  const limited = await serveAssay({ callers: [slow.entry] });
  const client = limited.client({ credentials: { secret: slow.secret } });
  const url = `${await startResourceServer("Express", client)}/orders`;
  const answers = await Promise.all([1, 2, 3].map(() => get(url, [["Authorization", "Bearer x"]])));
  expect(answers.map(({ status }) => status)).toContain(503);
});

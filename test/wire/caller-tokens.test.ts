import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { expect, test } from "vitest";
import { failureOf } from "../support/failure-of.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const CLUSTER = "https://cluster.example";
const SUBJECT = "system:serviceaccount:shop:api";
const ASSAY = "https://assay.internal";
const UNKNOWN = { code: "UNAUTHENTICATED", reason: "CALLER_UNKNOWN" };

type Use = ("tokens" | "callers")[];
type Setup = { server: TestServer; key: CryptoKey };

const desk = testCaller({
  name: "desk",
  permissions: ["introspect", "issue", "revoke", "diagnose", "admin"],
  audiences: [API, ASSAY],
  clients: ["*"],
});

/** As a cluster signs its service accounts' tokens: without a type. */
async function clusterServer(use: Use = ["callers"]): Promise<Setup> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwks = join(await temporaryDirectory(), "jwks.json");
  await writeFile(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256" }] }));
  const server = await startServer({
    development: false,
    listen: { caller_audience: ASSAY },
    issuers: [
      {
        issuer: CLUSTER,
        jwks_file: jwks,
        algorithms: ["RS256"],
        audiences: [ASSAY, API],
        allow_missing_type: true,
        use,
      },
    ],
    callers: [
      desk.entry,
      {
        name: "api",
        jwt: { issuer: CLUSTER, subject: SUBJECT },
        permissions: ["introspect", "watch"],
        audiences: [API],
      },
    ],
  });
  return { server, key: privateKey };
}

function serviceAccountToken({ key }: Setup, claims: JWTPayload = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const honest = { iss: CLUSTER, sub: SUBJECT, aud: [ASSAY], iat: now, nbf: now, exp: now + 600, jti: "j1" };
  return new SignJWT({ ...honest, ...claims }).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(key);
}

async function introspectAs({ server }: Setup, secret: string) {
  return server.client({ secret }).introspect({ token: "x" });
}

test("a service account is the caller that the configuration says, by its token", async () => {
  const setup = await clusterServer();
  expect(await introspectAs(setup, await serviceAccountToken(setup))).toEqual({});
  expect(setup.server.log()).toContain('"caller":"api"');
});

test("a caller by token has no more permissions than it is given", async () => {
  const setup = await clusterServer();
  const client = setup.server.client({ secret: await serviceAccountToken(setup) });
  await expect(client.revoke({ token: "x" })).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
});

test.each<[string, JWTPayload]>([
  ["of another subject", { sub: "system:serviceaccount:shop:api2" }],
  ["of a subject in another case", { sub: SUBJECT.toUpperCase() }],
  ["of another issuer", { iss: "https://other.example" }],
  ["of Assay's own issuer", { iss: "https://assay.example" }],
  ["for another service", { aud: [API] }],
  ["that has expired", { iat: 1, exp: 601 }],
  ["that is not good yet", { nbf: Math.floor(Date.now() / 1_000) + 300 }],
  ["bound to a key that nobody proved", { cnf: { jkt: "x" } }],
])("a token %s is nobody's", async (_what, claims) => {
  const setup = await clusterServer();
  await expect(introspectAs(setup, await serviceAccountToken(setup, claims))).rejects.toMatchObject(UNKNOWN);
  // Its honest twin, so that nothing else was wrong.
  expect(await introspectAs(setup, await serviceAccountToken(setup))).toEqual({});
});

test("a token whose signature is another's is nobody's, however often it comes", async () => {
  const setup = await clusterServer();
  const { privateKey: key } = await generateKeyPair("RS256");
  const forged = await serviceAccountToken({ ...setup, key });
  await expect(introspectAs(setup, forged)).rejects.toMatchObject(UNKNOWN);
  await expect(introspectAs(setup, forged)).rejects.toMatchObject(UNKNOWN);
});

test("a good token is verified anew for its expiry at each call", async () => {
  const setup = await clusterServer();
  const client = setup.server.client({ secret: await almostExpired(setup) });
  await expect
    .poll(() => client.introspect({ token: "x" }).catch(String), { timeout: 5_000 })
    .toContain("UNAUTHENTICATED");
});

test("a callers' issuer makes no access tokens, and an access tokens' issuer no callers", async () => {
  const forCallers = await clusterServer(["callers"]);
  const asToken = { token: await serviceAccountToken(forCallers) };
  expect(await forCallers.server.client({ secret: desk.secret }).introspect(asToken)).toEqual({
    inactive_reason: "INACTIVE_REASON_ISSUER_NOT_TRUSTED",
  });
  const forTokens = await clusterServer(["tokens"]);
  await expect(introspectAs(forTokens, await serviceAccountToken(forTokens))).rejects.toMatchObject(UNKNOWN);
});

test("an issuer may be trusted for both, and its callers' tokens are revoked like any", async () => {
  const setup = await clusterServer(["tokens", "callers"]);
  const token = await serviceAccountToken(setup);
  const operator = setup.server.client({ secret: desk.secret });
  expect(await operator.introspect({ token })).toMatchObject({ active: true, sub: SUBJECT });
  // It has just been good for a call: that helps it no longer.
  expect(await introspectAs(setup, token)).toEqual({});
  await operator.revoke({ token });
  await expect(introspectAs(setup, token)).rejects.toMatchObject(UNKNOWN);
});

test("a stream of introspections ends at the first message that comes when its caller's token is revoked", async () => {
  const setup = await clusterServer(["tokens", "callers"]);
  const token = await serviceAccountToken(setup);
  const stream = setup.server.client({ secret: token }).introspectStream();
  expect(await stream.ask(1, { token: "x" })).toEqual({});
  await setup.server.client({ secret: desk.secret }).revoke({ token });
  stream.send({ id: 2, request: { token: "x" } });
  expect(await failureOf(stream.ended)).toMatchObject(UNKNOWN);
  expect([...stream.answers.keys()]).toEqual([1]);
});

test("a stream of introspections goes on no longer than its caller's token", async () => {
  const setup = await clusterServer();
  const stream = setup.server.client({ secret: await almostExpired(setup) }).introspectStream();
  const asking = async () => {
    for (let id = 1; ; id++) await stream.ask(id, { token: "x" });
  };
  expect(await failureOf(asking())).toMatchObject(UNKNOWN);
});

test("a watch ends soon after its caller's token", async () => {
  const setup = await clusterServer();
  const watch = setup.server.client({ secret: await almostExpired(setup) }).watch();
  await watch.proved();
  expect(await failureOf(watch.ended)).toMatchObject(UNKNOWN);
});

test("who has asked much by a token, and asks no more, is answered everything", async () => {
  const setup = await clusterServer();
  const stream = setup.server.client({ secret: await serviceAccountToken(setup) }).introspectStream();
  for (let id = 0; id < 300; id++) stream.send({ id, request: { token: "x" } });
  stream.half();
  expect(await stream.ended).toBe("OK");
  expect(stream.answers.size).toBe(300);
});

/** The issuer's leeway is 10 s: good now, and not for longer than two seconds. */
function almostExpired(setup: Setup): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return serviceAccountToken(setup, { iat: now - 60, nbf: now - 60, exp: now - 8 });
}

import { copyFile } from "node:fs/promises";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { slowIssuer } from "../support/slow-issuer.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const first = testCaller({ name: "first", permissions: ["introspect"], audiences: [API] });
const second = testCaller({ name: "second", permissions: ["introspect", "issue"], audiences: [API], clients: ["*"] });
const UNKNOWN = { code: "UNAUTHENTICATED", reason: "CALLER_UNKNOWN" };
const WEB = { client_id: "web", audiences: [API] };
const MINT = { mint: { client_id: "web", subject: "alice", audience: [API] } };

test("a caller that is added is known to the next call, on a connection that was there before", async () => {
  const server = await startServer({ development: false, callers: [first.entry] });
  const client = server.client({ secret: second.secret });
  await expect(client.introspect({ token: "x" })).rejects.toMatchObject(UNKNOWN);
  await server.reload({ development: false, callers: [first.entry, second.entry] });
  expect(await client.introspect({ token: "x" })).toEqual({});
});

test("a caller that is removed is unknown to the next call, on a connection that was there before", async () => {
  const server = await startServer({ development: false, callers: [first.entry, second.entry] });
  const client = server.client({ secret: second.secret });
  expect(await client.introspect({ token: "x" })).toEqual({});
  await server.reload({ development: false, callers: [first.entry] });
  await expect(client.introspect({ token: "x" })).rejects.toMatchObject(UNKNOWN);
});

test("clients, permissions and limits are taken over", async () => {
  const server = await startServer({ development: false, clients: [], callers: [second.entry] });
  const client = server.client({ secret: second.secret });
  await expect(client.issue(MINT)).rejects.toMatchObject({ reason: "CLIENT_NOT_ALLOWED" });
  await server.reload({
    development: false,
    clients: [WEB],
    callers: [{ ...second.entry, calls_per_second: 1, burst: 1 }],
  });
  expect(await client.issue(MINT)).toMatchObject({ token_type: "Bearer" });
  await expect(client.issue(MINT)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
});

test("a change that cannot be carried out is refused whole, logged with its mend, and the old configuration stays", async () => {
  const server = await startServer({ development: false, callers: [first.entry] });
  const broken = { issuer: "https://idp.example", jwks_file: "/nowhere/jwks.json", algorithms: ["ES256" as const] };
  await server.reload({ development: false, callers: [second.entry], issuers: [{ ...broken, audiences: [API] }] });
  expect(server.log()).toContain("the changed configuration is refused: the old one stays");
  expect(server.log()).toContain("/nowhere/jwks.json");
  expect(await server.client({ secret: first.secret }).introspect({ token: "x" })).toEqual({});
  await expect(server.client({ secret: second.secret }).introspect({ token: "x" })).rejects.toMatchObject(UNKNOWN);
});

test("a change by which tokens would outlive their revocations is refused", async () => {
  const server = await startServer({ clients: [WEB] });
  await server.reload({ clients: [{ ...WEB, refresh_absolute_lifetime: "90d" }] });
  expect(server.log()).toContain("Tokens would live longer than revocations and keys are kept");
});

test("settings that wait for a restart are named, and the rest is taken over", async () => {
  const server = await startServer({ development: false, callers: [first.entry] });
  await server.reload({
    development: false,
    callers: [second.entry],
    issuer: "https://other.example",
    limits: { connections: 7 },
  });
  expect(server.log()).toContain('"settings":["issuer","limits.connections"]');
  expect(await server.client({ secret: second.secret }).introspect({ token: "x" })).toEqual({});
});

test.each<[string, object]>([
  ["more is required of it", { required_claims: ["acr"] }],
  ["it may not live so long", { max_lifetime: "1s" }],
])(
  "a token that was admitted before is judged anew by the configuration that follows: inactive where %s",
  async (_what, change) => {
    const { token, issuer, answerKeys } = await slowIssuer();
    answerKeys();
    const server = await startServer({ issuers: [issuer] });
    const client = server.client();
    expect(await client.introspect({ token })).toMatchObject({ active: true });
    await server.reload({ issuers: [issuer] });
    expect(await client.introspect({ token })).toMatchObject({ active: true });
    await server.reload({ issuers: [{ ...issuer, ...change }] });
    expect(await client.introspect({ token })).not.toHaveProperty("active");
  },
);

test("a call in flight ends with the configuration that it began with", async () => {
  const { token, answerKeys, asked, issuer } = await slowIssuer();
  const server = await startServer({ development: false, callers: [first.entry], issuers: [issuer] });
  const client = server.client({ secret: first.secret });
  const answer = client.introspect({ token });
  await asked;
  await server.reload({ development: false, callers: [second.entry], issuers: [] });
  answerKeys();
  expect(await answer).toMatchObject({ active: true, sub: "bob" });
  await expect(client.introspect({ token })).rejects.toMatchObject(UNKNOWN);
});

test("a certificate that is exchanged is shown to the next connection, and the one that is open goes on", async () => {
  const [old, renewed] = [
    await makeCertificates(await temporaryDirectory()),
    await makeCertificates(await temporaryDirectory()),
  ];
  const { certificateFile: certificate, keyFile: key } = old.server;
  const listen = { address: "127.0.0.1:0", tls: { certificate, key } };
  const server = await startServer({ development: false, listen, callers: [first.entry] });
  const client = server.client({ secret: first.secret, tls: { ca: old.ca } });
  expect(await client.introspect({ token: "x" })).toEqual({});
  await Promise.all([copyFile(renewed.server.certificateFile, certificate), copyFile(renewed.server.keyFile, key)]);
  // Nobody asks for it: the files are watched.
  await eventually("the new certificate is shown", async () => ((await isTrusted(server, renewed)) ? true : undefined));
  expect(await isTrusted(server, old)).toBe(false);
  expect(await client.introspect({ token: "x" })).toEqual({});
});

test("a certificate that does not belong to its key is refused, and the old one stays", async () => {
  const [old, other] = [
    await makeCertificates(await temporaryDirectory()),
    await makeCertificates(await temporaryDirectory()),
  ];
  const { certificateFile: certificate, keyFile: key } = old.server;
  const listen = { address: "127.0.0.1:0", tls: { certificate, key } };
  const server = await startServer({ development: false, listen, callers: [first.entry] });
  await copyFile(other.server.certificateFile, certificate);
  await server.reload({ development: false, listen, callers: [second.entry] });
  expect(server.log()).toContain("does not belong to the certificate");
  expect(await isTrusted(server, old)).toBe(true);
  const client = server.client({ secret: first.secret, tls: { ca: old.ca } });
  expect(await client.introspect({ token: "x" })).toEqual({});
});

function isTrusted({ address }: TestServer, { ca }: Certificates): Promise<boolean> {
  const port = Number(address.split(":").at(-1));
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, ca, ALPNProtocols: ["h2"] });
    socket.once("secureConnect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("secureConnect", () => socket.destroy());
  });
}

import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { failureOf } from "../support/failure-of.ts";
import { API, startServer, type TestServer } from "../support/server.ts";

const IDP = "https://idp.example";

type Setup = {
  server: TestServer;
  /** A good token of a foreign issuer, whose keys are not known yet. */
  token: string;
  /** Resolves when Assay has asked for the keys; then answers. */
  asked: Promise<() => void>;
};

/** A call that lasts as long as the test likes: the keys it needs are held back. */
async function serverWithSlowKeys(shutdownGrace: string): Promise<Setup> {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" }] });
  const { promise: asked, resolve } = Promise.withResolvers<() => void>();
  const keys = createServer((_request, response: ServerResponse) => {
    resolve(() => response.setHeader("content-type", "application/json").end(jwks));
  });
  const origin = await listening(keys);
  const issuer = { issuer: IDP, jwks_uri: `${origin}/jwks`, allow_http_loopback: true };
  const server = await startServer({
    listen: { shutdown_grace: shutdownGrace },
    issuers: [{ ...issuer, algorithms: ["ES256"], audiences: [API] }],
  });
  const token = await new SignJWT({ client_id: "portal" })
    .setProtectedHeader({ alg: "ES256", kid: "k", typ: "at+jwt" })
    .setIssuer(IDP)
    .setSubject("bob")
    .setAudience(API)
    .setJti("1")
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(privateKey);
  return { server, token, asked };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `http://127.0.0.1:${address.port}`;
}

async function isRefused(address: string): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port: Number(address.split(":").at(-1)) });
  const [outcome] = await Promise.race([
    once(socket, "connect").then(() => ["connected"]),
    once(socket, "error"),
  ]).catch((error: unknown) => [error]);
  socket.destroy();
  return outcome !== "connected";
}

test("a stop finishes the call that was accepted, and takes no further connection", async () => {
  const { server, token, asked } = await serverWithSlowKeys("1h");
  const answer = server.client().introspect({ token });
  const release = await asked;
  const stopped = server.stop();
  expect(await isRefused(server.address)).toBe(true);
  release();
  expect(await answer).toMatchObject({ active: true, sub: "bob" });
  await stopped;
});

test("a call that outlasts the grace is told that the instance is shutting down", async () => {
  const { server, token, asked } = await serverWithSlowKeys("50ms");
  const failure = failureOf(server.client().introspect({ token }));
  await asked;
  await server.stop();
  expect(await failure).toMatchObject({ code: "UNAVAILABLE", reason: "SHUTTING_DOWN", retryAfter: 1 });
});

test("whoever is in a hurry does not wait for the grace", async () => {
  const { server, token, asked } = await serverWithSlowKeys("1h");
  const failure = failureOf(server.client().introspect({ token }));
  await asked;
  const stopped = server.stop();
  await server.stop({ hurry: true });
  await stopped;
  expect(await failure).toMatchObject({ code: "UNAVAILABLE", reason: "SHUTTING_DOWN" });
});

test("a connection that says nothing does not hold up a stop", async () => {
  const { server } = await serverWithSlowKeys("1h");
  const socket = connect({ host: "127.0.0.1", port: Number(server.address.split(":").at(-1)) });
  await once(socket, "connect");
  const closed = once(socket.resume(), "close");
  await server.client().introspect({ token: "x" });
  await server.stop();
  await closed;
  expect(socket.destroyed).toBe(true);
});

test("a call whose deadline has passed ends there, and the log says so", async () => {
  const { server, token, asked } = await serverWithSlowKeys("1s");
  const deadline = new Date(Date.now() + 1_000);
  const failure = failureOf(server.client().introspect({ token }, { deadline }));
  const release = await asked;
  expect(await failure).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  release();
  await server.stop();
  expect(server.log()).toContain('"status":"DEADLINE_EXCEEDED"');
});

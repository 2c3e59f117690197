import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { API } from "./server.ts";

/** A foreign issuer that holds its keys back until it is told to give them: a call that needs them lasts as long as a test likes. */
export async function slowIssuer() {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" }] });
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  let requests = 0;
  const keys = createServer((_request, response) => {
    requests++;
    asked.resolve();
    void answered.promise.then(() => response.setHeader("content-type", "application/json").end(jwks));
  });
  keys.listen(0, "127.0.0.1");
  await once(keys, "listening");
  onTestFinished(() => {
    keys.closeAllConnections();
    keys.close();
  });
  const address = keys.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const issuer = {
    issuer: "https://idp.example",
    jwks_uri: `http://127.0.0.1:${address.port}/jwks`,
    allow_http_loopback: true,
    algorithms: ["ES256" as const],
    audiences: [API],
  };
  const token = await new SignJWT({ client_id: "portal" })
    .setProtectedHeader({ alg: "ES256", kid: "k", typ: "at+jwt" })
    .setIssuer(issuer.issuer)
    .setSubject("bob")
    .setAudience(API)
    .setJti("1")
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(privateKey);
  return { token, issuer, asked: asked.promise, requests: () => requests, answerKeys: () => answered.resolve() };
}

/** TLS to the service, by certificate and by secret, and tokens that are bound to a client's certificate. */
import { createHash, X509Certificate } from "node:crypto";
import { Agent, createServer, get } from "node:https";
import express from "express";
import { beforeAll, afterAll, expect, onTestFinished, test } from "vitest";
import { type Certificates, makeCertificates } from "../../../test/support/certificates.ts";
import { temporaryDirectory } from "../../../test/support/temporary-directory.ts";
import { protect } from "../src/express.ts";
import type { AssayClient, TlsOptions } from "../src/index.ts";
import { failureOf } from "./support/failure-of.ts";
import { API, openTestClient, type Served, serveAssay, service } from "./support/served.ts";

const SPIFFE = "URI:spiffe://fleet/orders";
const byCertificate = {
  name: "by-certificate",
  certificate_san: [SPIFFE],
  permissions: ["introspect" as const],
  audiences: [API],
};

let certificates: Certificates;
let assay: Served;
beforeAll(async () => {
  certificates = await makeCertificates(await temporaryDirectory(afterAll));
  const { certificateFile: certificate, keyFile: key } = certificates.server;
  const tls = { certificate, key, client_ca: certificates.caFile, require_client_certificate: false };
  assay = await serveAssay({ ca: certificates.ca, callers: [byCertificate], listen: { tls } }, afterAll);
});

function client(tls: TlsOptions, credentials?: { secret: string }): AssayClient {
  return openTestClient({ address: assay.address, tls, credentials, deadlineMs: 2_000 });
}

test("a secret is good over TLS", async () => {
  const answer = client({ ca: certificates.ca }, { secret: service.secret }).introspect("x");
  expect(await answer).toMatchObject({ active: false });
});

test("a certificate is a caller too", async () => {
  const { certificate: cert, key } = await certificates.client(SPIFFE);
  expect(await client({ ca: certificates.ca, cert, key }).introspect("x")).toMatchObject({ active: false });
});

test("a service that the authority did not sign is told nothing", async () => {
  const other = await makeCertificates(await temporaryDirectory());
  const failure = await failureOf(client({ ca: other.ca }, { secret: service.secret }).introspect("x"));
  expect(failure).toMatchObject({ code: "UNAVAILABLE" });
});

test("a service of another name than was asked for is told nothing", async () => {
  const tls = { ca: certificates.ca, serverName: "assay.example" };
  expect(await failureOf(client(tls, { secret: service.secret }).introspect("x"))).toMatchObject({
    code: "UNAVAILABLE",
  });
  const right = { ca: certificates.ca, serverName: "localhost" };
  expect(await client(right, { secret: service.secret }).introspect("x")).toMatchObject({ active: false });
});

test("a token that is bound to a client's certificate is let through with that certificate only", async () => {
  const [own, another] = [await certificates.client("DNS:alice"), await certificates.client("DNS:mallory")];
  const der = new X509Certificate(own.certificate).raw;
  const token = await assay.token({ cnf: { x5t_s256: createHash("sha256").update(der).digest("base64url") } });
  const url = await startOrders(client({ ca: certificates.ca }, { secret: service.secret }));
  const statuses = [own, another].map(({ certificate: cert, key }) => statusOf(url, token, { cert, key }));
  expect(await Promise.all(statuses)).toEqual([200, 401]);
});

async function startOrders(orders: AssayClient): Promise<string> {
  const app = express().get("/orders", protect(orders), (_request, response) => void response.end());
  const { certificate: cert, key } = certificates.server;
  const server = createServer({ cert, key, ca: certificates.ca, requestCert: true }, app);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `https://127.0.0.1:${address.port}/orders`;
}

function statusOf(url: string, token: string, shown: { cert: string; key: string }): Promise<number | undefined> {
  const agent = new Agent({ ...shown, ca: certificates.ca });
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume();
      agent.destroy();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

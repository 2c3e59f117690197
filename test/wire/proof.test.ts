/** Bound tokens over the wire: used, stolen, replayed, at one instance and at two that share a Redis. */
import { createHash, X509Certificate } from "node:crypto";
import { Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallError } from "../support/call-error.ts";
import { makeCertificates } from "../support/certificates.ts";
import { type DpopKey, hashOf, makeDpopKey } from "../support/dpop.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, startServer, testCaller } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { AT_API, atApi, atTokenEndpoint, mintBound, reasonOf, twoInstances } from "./bound-client.ts";

const CERTIFICATE = hashOf("a certificate");

let redis: RedisServer;
let own: DpopKey;
let thiefs: DpopKey;
beforeAll(async () => {
  [redis, own, thiefs] = await Promise.all([startRedisServer(), makeDpopKey(), makeDpopKey()]);
});
afterAll(() => redis.remove());

function requestId(id: string): { metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set("x-request-id", id);
  return { metadata };
}

describe("a token bound to a DPoP key", () => {
  test("is issued as DPoP, and active with a proof of its key", async () => {
    const client = (await startServer()).client();
    const { access_token: token, token_type: type } = await mintBound(client, own);
    expect(type).toBe("DPoP");
    const answer = await client.introspect({ token, ...(await atApi(token, own)) });
    expect(answer).toMatchObject({ active: true, token_type: "DPoP", cnf: { jkt: own.jkt } });
  });

  test("is inactive when stolen: alone, with a proof of the thief's, with one for another request", async () => {
    const client = (await startServer()).client();
    const { access_token: token } = await mintBound(client, own);
    expect(reasonOf(await client.introspect({ token }))).toBe("PROOF_REQUIRED");
    for (const stolen of [await atApi(token, thiefs), await atApi(token, own, { htu: "https://api.example/orders/2" })])
      expect(reasonOf(await client.introspect({ token, ...stolen }))).toBe("INVALID_PROOF");
  });

  test("is inactive when its proof is replayed at another instance", async () => {
    const [first, second] = await twoInstances(redis);
    const { access_token: token } = await mintBound(first.client(), own);
    const used = await atApi(token, own);
    expect(reasonOf(await first.client().introspect({ token, ...used }))).toBe("ACTIVE");
    expect(reasonOf(await second.client().introspect({ token, ...used }))).toBe("PROOF_REPLAYED");
    expect(reasonOf(await second.client().introspect({ token, ...(await atApi(token, own)) }))).toBe("ACTIVE");
  });

  test("is active exactly once when its proof is used fifty times at once, at two instances", async () => {
    const instances = await twoInstances(redis);
    const clients = instances.map((server) => server.client());
    const { access_token: token } = await mintBound(instances[0].client(), own);
    const used = await atApi(token, own);
    const all = Array.from({ length: 25 }, () => clients).flat();
    const reasons = (await Promise.all(all.map((client) => client.introspect({ token, ...used })))).map(reasonOf);
    expect(reasons.filter((reason) => reason === "ACTIVE")).toHaveLength(1);
    expect(reasons.filter((reason) => reason === "PROOF_REPLAYED")).toHaveLength(49);
  });

  test("is active for the caller's retry of one request, at any instance, and for no other request", async () => {
    const [first, second] = await twoInstances(redis);
    const { access_token: token } = await mintBound(first.client(), own);
    const used = { token, ...(await atApi(token, own)) };
    const reasons = [
      await first.client().introspect(used, requestId("r-1")),
      await second.client().introspect(used, requestId("r-1")),
      await second.client().introspect(used, requestId("r-2")),
      await second.client().introspect(used, requestId("not sane")),
      await second.client().introspect(used),
    ].map(reasonOf);
    expect(reasons).toEqual(["ACTIVE", "ACTIVE", "PROOF_REPLAYED", "PROOF_REPLAYED", "PROOF_REPLAYED"]);
  });

  test("is active for a proxy and for the service behind it, once each", async () => {
    const permissions = ["introspect" as const, "issue" as const];
    const common = { permissions, audiences: [API], clients: ["web"] };
    const proxy = testCaller({ name: "proxy", ...common });
    const service = testCaller({ name: "service", ...common });
    const server = await startServer({ development: false, callers: [proxy.entry, service.entry] });
    const clients = [server.client({ secret: proxy.secret }), server.client({ secret: service.secret })] as const;
    const { access_token: token } = await mintBound(clients[0], own);
    const used = { token, ...(await atApi(token, own)) };
    for (const client of clients) expect(await client.introspect(used)).toMatchObject({ active: true });
    for (const client of clients) expect(await client.introspect(used)).toEqual({});
  });

  test("leaves nothing of itself in the store or the log", async () => {
    const [server] = await twoInstances(redis);
    const client = server.client();
    const { access_token: token } = await mintBound(client, own);
    const used = await atApi(token, own, { jti: "a-jti-to-be-found-nowhere" });
    await client.introspect({ token, ...used }, requestId("r-1"));
    const left = Buffer.concat([await redis.dump(), Buffer.from(server.log())]).toString("latin1");
    for (const secret of [token, used.proof.dpop, "a-jti-to-be-found-nowhere", own.jkt])
      expect(left).not.toContain(secret);
  });
});

describe("a nonce, where it is required,", () => {
  const dpop = { require_nonce: true };

  test("is offered with a challenge, and good at every instance", async () => {
    const [first, second] = await twoInstances(redis, { dpop });
    const { access_token: token } = await mintBound(first.client(), own);
    const answer = await first.client().introspect({ token, ...(await atApi(token, own)) });
    expect(answer).toMatchObject({ challenge: "CHALLENGE_USE_DPOP_NONCE", dpop_nonce: expect.any(String) });
    const again = await atApi(token, own, { nonce: answer.dpop_nonce });
    expect(reasonOf(await second.client().introspect({ token, ...again }))).toBe("ACTIVE");
  });

  test("is offered to nobody who lacks the key", async () => {
    const client = (await startServer({ dpop })).client();
    const { access_token: token } = await mintBound(client, own);
    const answer = await client.introspect({ token, ...(await atApi(token, thiefs)) });
    expect(answer).toEqual({ inactive_reason: "INACTIVE_REASON_INVALID_PROOF" });
  });

  test("is told to a refresh by the error's metadata", async () => {
    const client = (await startServer({ dpop })).client();
    const { refresh_token: token = "" } = await mintBound(client, own, { refresh: true });
    const refresh = async (claims: object) =>
      client.issue({ refresh: { refresh_token: token, client_id: "web", ...(await atTokenEndpoint(own, claims)) } });
    const error = await refresh({}).catch((refused: CallError) => refused);
    expect(error).toMatchObject({ code: "FAILED_PRECONDITION", reason: "USE_DPOP_NONCE" });
    const nonce = "info" in error ? error.info["dpop_nonce"] : undefined;
    expect(await refresh({ nonce })).toMatchObject({ token_type: "DPoP" });
  });
});

describe("a token bound to a certificate", () => {
  test("is active with the certificate that the resource server verified, and with no other", async () => {
    const client = (await startServer()).client();
    const { access_token: token } = await mintBound(client, own, { cnf: { x5t_s256: CERTIFICATE } });
    const withProof = (hash: string) => client.introspect({ token, proof: { client_certificate_sha256: hash } });
    expect(await withProof(CERTIFICATE)).toMatchObject({
      active: true,
      token_type: "Bearer",
      cnf: { x5t_s256: CERTIFICATE },
    });
    expect(reasonOf(await withProof(hashOf("another")))).toBe("INVALID_PROOF");
    expect(reasonOf(await client.introspect({ token }))).toBe("PROOF_REQUIRED");
  });

  test("is active for the caller that connects with that very certificate", async () => {
    const certificates = await makeCertificates(await temporaryDirectory());
    const { certificateFile: certificate, keyFile: key } = certificates.server;
    const [holder, stranger] = [await certificates.client("DNS:holder"), await certificates.client("DNS:stranger")];
    const callers = ["holder", "stranger"].map((name) => ({
      name,
      certificate_san: [`DNS:${name}`],
      permissions: ["introspect" as const, "issue" as const, "diagnose" as const],
      audiences: [API],
      clients: ["web"],
    }));
    const tls = { certificate, key, client_ca: certificates.caFile };
    const server = await startServer({ development: false, callers, listen: { tls } });
    const { ca } = certificates;
    const [byHolder, byStranger] = [
      server.client({ tls: { ca, ...holder } }),
      server.client({ tls: { ca, ...stranger } }),
    ];
    const hash = createHash("sha256").update(new X509Certificate(holder.certificate).raw).digest("base64url");
    const { access_token: token } = await mintBound(byHolder, own, { cnf: { x5t_s256: hash } });
    expect(await byHolder.introspect({ token })).toMatchObject({ active: true });
    expect(await byStranger.introspect({ token })).toEqual({ inactive_reason: "INACTIVE_REASON_INVALID_PROOF" });
    const forwarded = await byStranger.introspect({ token, proof: { client_certificate_sha256: hash } });
    expect(forwarded).toMatchObject({ active: true });
  });
});

test("a malformed certificate hash is the caller's mistake, a malformed proof its client's", async () => {
  const client = (await startServer()).client();
  const { access_token: token } = await mintBound(client, own);
  const bad = client.introspect({ token, proof: { client_certificate_sha256: "AA" } });
  await expect(bad).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    fields: { "proof.client_certificate_sha256": expect.stringContaining("SHA-256") },
  });
  const answer = await client.introspect({ token, context: AT_API, proof: { dpop: "garbage" } });
  expect(reasonOf(answer)).toBe("INVALID_PROOF");
});

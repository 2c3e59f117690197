/** What a verifier cannot do itself it passes on to an authority, as far as its own callers may. */
import { createHash, X509Certificate } from "node:crypto";
import { Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates, type Certificates } from "../support/certificates.ts";
import type { TestClient } from "../support/client.ts";
import { issuer, service, startAuthority, startVerifier } from "../support/deployment.ts";
import { type DpopKey, makeDpopKey } from "../support/dpop.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, ORDERS, testCaller, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { atApi, atTokenEndpoint, mintBound, reasonOf } from "./bound-client.ts";

const ends: (() => Promise<unknown>)[] = [];
const atEnd = (end: () => Promise<unknown>): void => void ends.unshift(end);

const limited = testCaller({
  name: "limited",
  permissions: [{ permission: "issue", audiences: [API] }, { permission: "revoke", clients: ["orders"] }, "introspect"],
  audiences: [API],
  clients: ["web", "orders"],
});

let certificates: Certificates;
let own: DpopKey;
let authority: TestServer;
let verifier: TestServer;
let issuing: TestClient;
beforeAll(async () => {
  certificates = await makeCertificates(await temporaryDirectory(atEnd));
  own = await makeDpopKey();
  authority = await startAuthority({}, atEnd);
  const callers = [service, issuer, limited].map(({ entry }) => entry);
  verifier = await startVerifier([authority.address], { callers }, atEnd);
  issuing = verifier.client(issuer);
});
afterAll(async () => {
  for (const end of ends) await end();
});

const mint = { client_id: "web", subject: "alice", audience: [API], scope: "read" };

describe("through a verifier", () => {
  test("tokens are minted, refreshed and exchanged", async () => {
    const minted = await issuing.issue({ mint: { ...mint, refresh: true } });
    const refreshed = await issuing.issue({
      refresh: { client_id: "web", refresh_token: minted.refresh_token ?? "", scope: "read" },
    });
    const exchanged = await issuing.issue({
      exchange: {
        client_id: "orders",
        subject_token: refreshed.access_token,
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
        audience: [ORDERS],
      },
    });
    for (const { access_token: token } of [minted, refreshed, exchanged])
      expect(await authority.client(issuer).introspect({ token })).toMatchObject({ active: true, sub: "alice" });
  });

  test("a token is revoked, and inactive at the verifier as soon as that has been answered", async () => {
    for (const format of ["JWT", "OPAQUE"] as const) {
      const { access_token: token } = await issuing.issue({ mint: { ...mint, format } });
      expect(await issuing.introspect({ token })).toMatchObject({ active: true });
      expect(await issuing.revoke({ token })).toMatchObject({ durability: "DURABILITY_LOCAL" });
      expect(reasonOf(await issuing.introspect({ token }))).toBe("REVOKED");
    }
  });

  test("a family that a replay kills is dead at the verifier as soon as the replay is refused", async () => {
    for (let round = 0; round < 20; round++) {
      const first = await issuing.issue({ mint: { ...mint, refresh: true } });
      const rotate = (token = "") =>
        issuing.issue({ refresh: { client_id: "web", refresh_token: token, scope: "read" } });
      const second = await rotate(first.refresh_token);
      const third = await rotate(second.refresh_token);
      expect(await issuing.introspect({ token: third.access_token })).toMatchObject({ active: true });
      expect(await failureOf(rotate(first.refresh_token))).toMatchObject({ reason: "INVALID_GRANT" });
      expect(reasonOf(await issuing.introspect({ token: third.access_token }))).toBe("REVOKED");
    }
  });

  test("a revocation is known up to its revision in the next answer", async () => {
    const { revision } = await issuing.revoke({ subject: { sub: "somebody" } });
    const { access_token: token } = await issuing.issue({ mint });
    expect((await issuing.introspect({ token, at_least_as_fresh: revision ?? "" })).revision).toBe(revision);
  });

  test("what the authority refuses is refused in its words", async () => {
    const refused = await failureOf(issuing.issue({ refresh: { client_id: "web", refresh_token: "asy_rt_x" } }));
    expect(refused).toMatchObject({ code: "FAILED_PRECONDITION", reason: "INVALID_GRANT", domain: "assay.v1" });
    const unknown = await failureOf(issuing.issue({ mint: { ...mint, client_id: "nobody" } }));
    expect(unknown).toMatchObject({ code: "PERMISSION_DENIED", reason: "CLIENT_NOT_ALLOWED" });
    const future = await failureOf(
      issuing.revoke({ subject: { sub: "alice" }, born_at_or_before: Math.floor(Date.now() / 1_000) + 3_600 }),
    );
    expect(future.fields).toEqual({ born_at_or_before: expect.stringContaining("future") });
  });

  test("the id of a request reaches the authority", async () => {
    const metadata = new Metadata();
    metadata.set("x-request-id", "through-a-verifier");
    await issuing.issue({ mint }, { metadata });
    expect(authority.log()).toMatch(/"method":"Issue".*"request_id":"through-a-verifier"/);
  });

  test("no other verifier can follow: it is no authority", async () => {
    expect(await failureOf(verifier.client(issuer).join())).toMatchObject({ code: "UNIMPLEMENTED" });
  });
});

describe("a caller whose permission is limited at the verifier", () => {
  test("issues for its audiences and clients alone, whatever the verifier may", async () => {
    const client = verifier.client(limited);
    expect(await client.issue({ mint })).toHaveProperty("access_token");
    const beyond = [{ audience: [ORDERS] }, { audience: [API, ORDERS] }, { client_id: "another" }];
    for (const more of beyond)
      expect(await failureOf(client.issue({ mint: { ...mint, ...more } }))).toMatchObject({
        code: "PERMISSION_DENIED",
      });
    const { refresh_token: token = "" } = await issuing.issue({ mint: { ...mint, refresh: true } });
    const refresh = { client_id: "web", refresh_token: token };
    expect(await failureOf(client.issue({ refresh }))).toMatchObject({ reason: "AUDIENCE_NOT_ALLOWED" });
    expect(await issuing.issue({ refresh })).toHaveProperty("access_token");
  });

  test("revokes its clients' tokens alone", async () => {
    const client = verifier.client(limited);
    const { access_token: another } = await issuing.issue({ mint });
    const { access_token: theirs } = await issuing.issue({
      mint: { ...mint, client_id: "orders", audience: [ORDERS] },
    });
    expect(await failureOf(client.revoke({ token: another }))).toMatchObject({ reason: "CLIENT_NOT_ALLOWED" });
    expect(await failureOf(client.revoke({ subject: { sub: "alice" } }))).toMatchObject({
      reason: "CLIENT_NOT_ALLOWED",
    });
    expect(await failureOf(client.revoke({ client_id: "orders" }))).toMatchObject({ reason: "PERMISSION_MISSING" });
    expect(await client.revoke({ token: theirs })).toHaveProperty("revision");
    expect(reasonOf(await issuing.introspect({ token: another }))).toBe("ACTIVE");
  });

  test("without a permission asks nothing of the authority", async () => {
    const before = authority.log().length;
    const client = verifier.client(service);
    expect(await failureOf(client.issue({ mint }))).toMatchObject({ reason: "PERMISSION_MISSING" });
    expect(await failureOf(client.revoke({ sid: "any" }))).toMatchObject({ reason: "PERMISSION_MISSING" });
    expect(authority.log().slice(before)).not.toMatch(/"method":"(Issue|Revoke)"/);
  });
});

describe("a token bound to a DPoP key", () => {
  test("is active with a proof, which no verifier takes again", async () => {
    const another = await startVerifier([authority.address]);
    const { access_token: token } = await mintBound(issuing, own);
    const used = { token, ...(await atApi(token, own)) };
    expect(reasonOf(await issuing.introspect(used))).toBe("ACTIVE");
    for (const server of [verifier, another])
      expect(reasonOf(await server.client(issuer).introspect(used))).toBe("PROOF_REPLAYED");
    expect(reasonOf(await another.client(issuer).introspect({ token, ...(await atApi(token, own)) }))).toBe("ACTIVE");
  });

  test("is refreshed through the verifier with a proof", async () => {
    const { refresh_token: token = "" } = await mintBound(issuing, own, { refresh: true });
    const refresh = { client_id: "web", refresh_token: token };
    expect(await issuing.issue({ refresh: { ...refresh, ...(await atTokenEndpoint(own)) } })).toMatchObject({
      token_type: "DPoP",
    });
  });
});

describe("a token bound to a certificate", () => {
  test("is refreshed with the certificate that the verifier's caller connected with, and with no other's", async () => {
    const [client, another] = await Promise.all([certificates.client("DNS:web"), certificates.client("DNS:another")]);
    const callers = ["web", "another"].map((name) => ({
      name,
      certificate_san: [`DNS:${name}`],
      permissions: ["issue" as const, "introspect" as const],
      audiences: [API],
      clients: ["*"],
    }));
    const { certificateFile: certificate, keyFile: key } = certificates.server;
    const tls = { certificate, key, client_ca: certificates.caFile };
    const guarded = await startVerifier([authority.address], { callers, listen: { tls } });
    const thumbprint = createHash("sha256").update(new X509Certificate(client.certificate).raw).digest("base64url");
    const bound = { ...mint, refresh: true, cnf: { x5t_s256: thumbprint } };
    const { refresh_token: token = "" } = await issuing.issue({ mint: bound });
    const refresh = { client_id: "web", refresh_token: token };
    const as = (pair: typeof client): TestClient => guarded.client({ tls: { ca: certificates.ca, ...pair } });

    const { access_token: refreshed } = await as(client).issue({ refresh });
    expect(await as(client).introspect({ token: refreshed })).toMatchObject({
      active: true,
      cnf: { x5t_s256: thumbprint },
    });
    expect(await as(another).introspect({ token: refreshed })).toEqual({});
  });
});

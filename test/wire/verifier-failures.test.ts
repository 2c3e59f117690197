/** What a verifier answers while its authorities are away, wrong, or others. */
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import type { TestClient } from "../support/client.ts";
import { issuer, service, startAuthority, startVerifier, verifierCaller, writeSecret } from "../support/deployment.ts";
import { eventually } from "../support/eventually.ts";
import { CallError } from "../support/call-error.ts";
import { failureOf } from "../support/failure-of.ts";
import type { Introspected } from "../support/introspected.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { API, ISSUER, testCaller, type TestServer } from "../support/server.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { serveByCli } from "./cli-server.ts";

const mint = { client_id: "web", subject: "alice", audience: [API] };

const patient = testCaller({
  name: "patient",
  permissions: ["introspect"],
  audiences: [API],
  serve_stale_for: "1m",
});

async function proxyTo({ address }: TestServer): Promise<TcpProxy> {
  const proxy = await startTcpProxy(Number(address.split(":")[1]));
  onTestFinished(() => proxy.close());
  return proxy;
}

function at(proxy: TcpProxy): string {
  return `127.0.0.1:${proxy.port}`;
}

function impatient(proxy: TcpProxy): Pick<ConfigInput, "upstream"> {
  return { upstream: { authorities: [at(proxy)], timeout: "250ms" } };
}

/** The answer, or the status of the failure. */
async function ask(client: TestClient, token: string): Promise<Introspected | string> {
  return client.introspect({ token }).catch((error: unknown) => {
    if (error instanceof CallError) return error.reason ?? error.code;
    throw error;
  });
}

function becomes(client: TestClient, token: string, wanted: unknown): Promise<true> {
  return eventually(`the answer is ${JSON.stringify(wanted)}`, async () => {
    const answer = await ask(client, token);
    return (typeof answer === "string" ? answer : (answer.active ?? false)) === wanted ? true : undefined;
  });
}

describe("while the only authority is frozen", () => {
  test("nothing is active once the last proof is too old, and what was revoked meanwhile is inactive afterwards", async () => {
    const authority = await startAuthority();
    const proxy = await proxyTo(authority);
    const verifier = await startVerifier([at(proxy)], impatient(proxy));
    const client = verifier.client(service);
    const issuing = authority.client(issuer);
    const tokens = await Promise.all(
      (["JWT", "OPAQUE"] as const).map(
        async (format) => (await issuing.issue({ mint: { ...mint, format } })).access_token,
      ),
    );
    for (const token of tokens) await becomes(client, token, true);
    proxy.hold();
    await issuing.revoke({ subject: { sub: "alice" } });
    for (const token of tokens) await becomes(client, token, "STORE_UNAVAILABLE");
    for (const token of tokens) expect(await ask(client, token)).toBe("STORE_UNAVAILABLE");
    proxy.resume();
    for (const token of tokens) await becomes(client, token, false);
  });

  test("JWTs alone are served for a while to callers that allow it, and the answer says how stale", async () => {
    const authority = await startAuthority({
      callers: [service, issuer, patient, verifierCaller].map(({ entry }) => entry),
    });
    const proxy = await proxyTo(authority);
    const callers = [service, patient].map(({ entry }) => entry);
    const verifier = await startVerifier([at(proxy)], { callers, ...impatient(proxy) });
    const issuing = authority.client(issuer);
    const jwt = (await issuing.issue({ mint })).access_token;
    const opaque = (await issuing.issue({ mint: { ...mint, format: "OPAQUE" } })).access_token;
    for (const token of [jwt, opaque]) await becomes(verifier.client(patient), token, true);
    proxy.hold();
    await becomes(verifier.client(service), jwt, "STORE_UNAVAILABLE");
    const { active, stale_for: staleFor } = await verifier.client(patient).introspect({ token: jwt });
    expect({ active, seconds: staleFor?.seconds }).toMatchObject({ active: true, seconds: expect.any(Number) });
    expect(await ask(verifier.client(patient), opaque)).toBe("STORE_UNAVAILABLE");
  });
});

async function redisUrl(): Promise<string> {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  return redis.url;
}

describe.each<[string, () => Promise<string>]>([
  ["one SQLite file", async () => `sqlite:${join(await temporaryDirectory(), "shared.db")}`],
  ["one Redis", redisUrl],
])("two authorities of one deployment, on %s,", (_store, open) => {
  test("stand in for each other, and what either revokes is inactive", async () => {
    const shared = { store: await open(), keys: { master_key: randomBytes(32).toString("base64url") } };
    const [one, other] = [await startAuthority(shared), await startAuthority(shared)];
    const proxies = [await proxyTo(one), await proxyTo(other)] as const;
    const verifier = await startVerifier(proxies.map(at));
    const client = verifier.client(service);
    const turns = [
      [other, proxies[0]],
      [one, proxies[1]],
    ] as const;
    for (const [mine, away] of turns) {
      const issuing = mine.client(issuer);
      const { access_token: token, sid } = await issuing.issue({ mint: { ...mint, format: "OPAQUE" } });
      for (const proxy of proxies) proxy.resume();
      away.hold();
      await becomes(client, token, true);
      const { revision = "" } = await issuing.revoke({ sid });
      const known = await eventually("the revision is reached there", () =>
        client.introspect({ token, at_least_as_fresh: revision }).catch(() => undefined),
      );
      expect(known).toEqual({ inactive_reason: "INACTIVE_REASON_REVOKED" });
    }
  });

  test("are left when they stop, and nothing fails while one is left", async () => {
    const shared = { store: await open(), keys: { master_key: randomBytes(32).toString("base64url") } };
    const [one, other] = [await startAuthority(shared), await startAuthority(shared)];
    const verifier = await startVerifier([one.address, other.address]);
    const { access_token: token } = await other.client(issuer).issue({ mint: { ...mint, format: "OPAQUE" } });
    const stopping = one.stop({ hurry: true });
    for (let time = 0; time < 50; time++)
      expect(await verifier.client(service).introspect({ token })).toMatchObject({ active: true });
    await stopping;
    await other.client(issuer).revoke({ token });
    await becomes(verifier.client(service), token, false);
  });
});

describe("an authority that is not its own", () => {
  test("of another deployment with the same issuer is not followed", async () => {
    const authority = await startAuthority();
    const proxy = await proxyTo(authority);
    const stranger = await startAuthority();
    const verifier = await startVerifier([at(proxy), stranger.address]);
    const [own, strange] = await Promise.all(
      [authority, stranger].map(async (server) => (await server.client(issuer).issue({ mint })).access_token),
    );
    await becomes(verifier.client(service), own ?? "", true);
    proxy.hold();
    await becomes(verifier.client(service), own ?? "", "STORE_UNAVAILABLE");
    expect(await ask(verifier.client(service), strange ?? "")).not.toHaveProperty("active");
    await eventually("it says so", () => verifier.log().includes("of another deployment than the one") || undefined);
  });

  test("of another issuer is not joined, and the mend is said", async () => {
    const authority = await startAuthority();
    const verifier = await startVerifier([authority.address], { issuer: "https://another.example" });
    expect(verifier.log()).toContain(
      `issues as '${ISSUER}', and this verifier is configured for 'https://another.example'`,
    );
    expect(verifier.log()).toContain("listening");
    const { access_token: token } = await authority.client(issuer).issue({ mint });
    expect(await ask(verifier.client(service), token)).not.toHaveProperty("active");
  });

  test("which does not know the verifier is not joined, and the mend is said", async () => {
    const authority = await startAuthority({ callers: [service.entry, issuer.entry] });
    const verifier = await startVerifier([authority.address]);
    expect(verifier.log()).toContain("it does not know this verifier; give upstream.secret_file");
  });
});

test("a verifier that starts before its authority listens, and is ready when that has come", async () => {
  const authority = await startAuthority();
  const proxy = await proxyTo(authority);
  proxy.hold();
  const verifier = await startVerifier([at(proxy)], impatient(proxy));
  const client = verifier.client(service);
  const { access_token: token } = await authority.client(issuer).issue({ mint });
  expect(["STORE_UNAVAILABLE", "KEYS_UNAVAILABLE"]).toContain(await ask(client, token));
  proxy.resume();
  await becomes(client, token, true);
});

test("a verifier whose authority is away does not forward, and says that the outcome is unknown", async () => {
  const authority = await startAuthority();
  const proxy = await proxyTo(authority);
  const verifier = await startVerifier([at(proxy)], impatient(proxy));
  proxy.hold();
  const failure = await failureOf(verifier.client(issuer).issue({ mint }));
  expect(failure).toMatchObject({ code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" });
  expect(failure.details).toContain("unknown");
});

test("a verifier as a process makes no file, and stops when told to", async () => {
  const authority = await startAuthority();
  const secret = await writeSecret(verifierCaller.secret);
  const process = await serveByCli({
    yaml: [
      "role: verifier",
      `issuer: ${ISSUER}`,
      `upstream: {authorities: ["${authority.address}"], secret_file: ${secret}}`,
      `callers: [${JSON.stringify(service.entry)}]`,
    ].join("\n"),
  });
  await eventually("it is ready", () => /"(serving|ready)"/.test(process.printed.stdout) || undefined);
  process.signal("SIGTERM");
  expect(await process.ended).toBe(0);
  expect(await readdir(process.directory)).toEqual(["assay.yaml"]);
});

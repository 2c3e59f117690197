import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { ConfigInput } from "../../src/config/schema.ts";
import { issuer, startAuthority, startVerifier } from "../support/deployment.ts";
import { accepted, AUDIENCE, type Delivered, frozen, startEventReceiver, tellTo } from "../support/event-receiver.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { API, ISSUER, startServer, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { serveWithCrew } from "./crew.ts";

const USER = { format: "iss_sub", iss: ISSUER, sub: "alice" };
const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

async function openSession(server: Pick<TestServer, "client">, client_id = "web") {
  const client = server.client();
  const mint = { client_id, subject: "alice", audience: [API], scope: "read write", refresh: true };
  const { access_token, refresh_token = "", sid } = await client.issue({ mint });
  const refresh = (token: string, scope?: string) =>
    client.issue({ refresh: { refresh_token: token, client_id, ...(scope === undefined ? {} : { scope }) } });
  return { client, access_token, refresh_token, sid, refresh };
}

/** As a receiver does it that has the deployment's keys. @returns the claims */
async function verified({ set }: Delivered, server: Pick<TestServer, "client">) {
  const keys = jwks.parse(JSON.parse((await server.client().getJwks()).jwks));
  const expected = { typ: "secevent+jwt", issuer: ISSUER, audience: AUDIENCE };
  return (await jwtVerify(set, createLocalJWKSet(keys), expected)).payload;
}

async function receiverAndServer(changes: Partial<ConfigInput> = {}, told: Parameters<typeof tellTo>[1] = {}) {
  const receiver = await startEventReceiver();
  const server = await startServer({ events: tellTo(receiver, told), ...changes });
  return { receiver, server };
}

async function secretFile(mode: number): Promise<string> {
  const file = join(await temporaryDirectory(), "token");
  await writeFile(file, "first\n", { mode });
  return file;
}

describe("a receiver is told", () => {
  test.each(["EdDSA", "ES256", "RS256", "ML-DSA-65"] as const)(
    "in a token that the deployment's %s key has signed",
    async (algorithm) => {
      const { receiver, server } = await receiverAndServer({ keys: { algorithm } });
      const { client, sid } = await openSession(server);
      await client.revoke({ sid, reason: "signed out" });
      const [event] = await receiver.deliveries(1);
      if (event === undefined) throw new Error("an event came");
      expect(event.header).toMatchObject({ typ: "secevent+jwt", alg: algorithm });
      const { iat = 0, jti, txn, ...claims } = await verified(event, server);
      expect([jti, txn]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^[0-9a-f-]{36}$/)]);
      expect(claims).toEqual({
        iss: ISSUER,
        aud: AUDIENCE,
        sub_id: { format: "complex", session: { format: "opaque", id: sid } },
        events: {
          "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {
            event_timestamp: iat,
            reason_admin: { en: "signed out" },
          },
        },
      });
    },
  );

  test("of a replay: the session that died of it, and where it asks for them the signal, without the subject", async () => {
    const events = ["session-revoked", "token-claims-change", "signal"] as const;
    const { receiver, server } = await receiverAndServer({}, { events: [...events] });
    const { refresh, refresh_token, sid } = await openSession(server);
    const { refresh_token: second = "" } = await refresh(refresh_token);
    await refresh(second);
    await failureOf(refresh(refresh_token));
    const told = new Map((await receiver.deliveries(2)).map((event) => [event.name, event]));
    expect(told.get("session-revoked")).toMatchObject({
      claims: { sub_id: { session: { format: "opaque", id: sid }, user: USER } },
      event: { initiating_entity: "system" },
    });
    const signal = told.get("signal");
    expect(signal?.event).toMatchObject({ kind: "refresh_token_reuse", severity: "critical", client_id: "web" });
    expect(JSON.stringify(signal?.claims)).not.toMatch(new RegExp(`alice|${sid}`));
  });

  test("of a token that says less than its session was granted", async () => {
    const { receiver, server } = await receiverAndServer();
    const { refresh, refresh_token, sid } = await openSession(server);
    await refresh(refresh_token, "read");
    const [event] = await receiver.deliveries(1);
    expect(event).toMatchObject({ name: "token-claims-change", event: { claims: { scope: "read" } } });
    expect(event?.claims.sub_id).toMatchObject({ session: { id: sid }, user: USER });
  });

  test("of a key that is revoked, by a token of its successor", async () => {
    const { receiver, server } = await receiverAndServer();
    const { client } = await openSession(server);
    const [revoked] = jwks.parse(JSON.parse((await client.getJwks()).jwks)).keys;
    const kid = String(revoked?.["kid"]);
    await client.revoke({ key_id: kid });
    const [event] = await receiver.deliveries(1);
    if (event === undefined) throw new Error("an event came");
    expect(event.header.kid).not.toBe(kid);
    expect(await verified(event, server)).toMatchObject({ sub_id: { key: { iss: ISSUER, sub: kid } } });
  });

  test("only of what it wants to hear, and each receiver for itself", async () => {
    const [desk, siem] = await Promise.all([startEventReceiver(), startEventReceiver()]);
    const receivers = [
      ...(tellTo(desk, { name: "desk", audience: "https://desk.example" }).receivers ?? []),
      ...(tellTo(siem, { events: ["token-claims-change"] }).receivers ?? []),
    ];
    const server = await startServer({ events: { receivers } });
    const { client, refresh, refresh_token, sid } = await openSession(server);
    await client.revoke({ subject: { sub: "bob" } });
    await refresh(refresh_token, "read");
    await client.revoke({ sid });
    const names = (await desk.deliveries(3)).map(({ name }) => name).toSorted();
    expect(names).toEqual(["session-revoked", "session-revoked", "token-claims-change"]);
    const [told] = await siem.deliveries(1);
    const same = desk.delivered.find(({ name }) => name === "token-claims-change");
    expect(told?.claims).toMatchObject({ aud: AUDIENCE, txn: same?.claims.txn });
    expect(told?.claims.jti).not.toBe(same?.claims.jti);
    await server.stop();
    expect(siem.delivered).toHaveLength(1);
  });
});

describe("a Security Event Token is no access token", () => {
  test("it is inactive, is no subject token, and revokes nothing", async () => {
    const { receiver, server } = await receiverAndServer();
    const { client, access_token } = await openSession(server);
    await client.revoke({ subject: { sub: "bob" } });
    const [event] = await receiver.deliveries(1);
    const token = event?.set ?? "";
    expect(await client.introspect({ token })).toEqual({ inactive_reason: expect.any(String) });
    const exchange = {
      client_id: "web",
      subject_token: token,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      audience: [API],
    };
    expect(await failureOf(client.issue({ exchange }))).toMatchObject({ reason: "INVALID_GRANT" });
    expect(await client.revoke({ token })).not.toHaveProperty("revision");
    expect(await client.introspect({ token: access_token })).toMatchObject({ active: true });
  });
});

describe("nobody who calls is held up", () => {
  test("by a receiver that is frozen: Revoke, Issue and Introspect are answered while it is", async () => {
    const { receiver, server } = await receiverAndServer({ listen: { shutdown_grace: "50ms" } });
    receiver.answer = frozen;
    const { client, access_token, refresh, refresh_token, sid } = await openSession(server);
    await refresh(refresh_token, "read");
    await client.revoke({ sid });
    expect(await client.introspect({ token: access_token })).not.toHaveProperty("active");
    await receiver.deliveries(2);
    await server.stop();
    expect(server.log()).toContain('"lost":{"stopped":1}');
  });

  test("by a stop: it ends when what was told last is delivered", async () => {
    const { receiver, server } = await receiverAndServer({ listen: { shutdown_grace: "1h" } });
    const held = Promise.withResolvers<() => void>();
    receiver.answer = (response) => held.resolve(() => accepted(response));
    await server.client().revoke({ subject: { sub: "alice" } });
    const stopped = server.stop();
    (await held.promise)();
    await stopped;
    expect(receiver.delivered).toHaveLength(1);
    expect(server.log()).not.toContain("were not delivered");
  });
});

describe("what a receiver asks for", () => {
  test("is read from a file, and anew when that changes", async () => {
    const authorization_file = await secretFile(0o600);
    const { receiver, server } = await receiverAndServer({}, { authorization_file });
    await server.client().revoke({ subject: { sub: "alice" } });
    await receiver.deliveries(1);
    await writeFile(authorization_file, "second\n");
    await server.client().revoke({ subject: { sub: "bob" } });
    const shown = (await receiver.deliveries(2)).map(({ headers }) => headers.authorization);
    expect(shown).toEqual(["Bearer first", "Bearer second"]);
  });

  test("is not read from a file that others may read: the start is refused", async () => {
    const authorization_file = await secretFile(0o644);
    const starting = receiverAndServer({}, { authorization_file });
    await expect(starting).rejects.toThrow(/^The authorization file .* is open to others .* Run: chmod 600 /);
  });

  test("is a certificate of authorities that are named in PEM, or the start is refused", async () => {
    const ca_file = await secretFile(0o600);
    await expect(receiverAndServer({}, { ca_file })).rejects.toThrow(/\(siem\) cannot be read as PEM certificates/);
  });
});

test("receivers that change wait for a restart", async () => {
  const { receiver, server } = await receiverAndServer();
  await server.reload({ events: { receivers: [] } });
  expect(server.log()).toContain('"settings":["events"]');
  await server.client().revoke({ subject: { sub: "alice" } });
  await receiver.deliveries(1);
});

test("a subject and a reason are in no log", async () => {
  const { receiver, server } = await receiverAndServer();
  receiver.next.push((response) => void response.writeHead(400).end('{"err":"invalid_key"}'));
  await server.client().revoke({ subject: { sub: "alice@home.example" }, reason: "Alice Liddell has left" });
  await eventually("the refusal is said", () => server.log().includes("refused: invalid_key") || undefined);
  expect(server.log()).not.toMatch(/alice@home|Liddell/);
});

describe("of several instances", () => {
  test("the one that decided tells, once", async () => {
    const [redis, receiver] = await Promise.all([startRedisServer(), startEventReceiver()]);
    onTestFinished(() => redis.remove());
    const shared = {
      events: tellTo(receiver),
      store: { url: redis.url, timeout: "2s" },
      keys: { master_key: randomBytes(32).toString("base64url") },
    };
    const one = await startServer(shared);
    const other = await startServer(shared);
    const session = await openSession(one);
    await session.client.revoke({ subject: { sub: "bob" } });
    const { refresh_token: second = "" } = await session.refresh(session.refresh_token);
    await session.refresh(second);
    const replay = { refresh_token: session.refresh_token, client_id: "web" };
    await failureOf(other.client().issue({ refresh: replay }));
    await failureOf(session.client.issue({ refresh: replay }));
    // Nothing more can come then.
    await Promise.all([one.stop(), other.stop()]);
    expect(receiver.delivered.map(({ claims }) => claims.sub_id)).toEqual([
      { ...USER, sub: "bob" },
      { format: "complex", session: { format: "opaque", id: session.sid }, user: USER },
    ]);
  });

  test("an authority tells of what a verifier forwards", async () => {
    const receiver = await startEventReceiver();
    const authority = await startAuthority({ events: tellTo(receiver) });
    const verifier = await startVerifier([authority.address]);
    await verifier.client({ secret: issuer.secret }).revoke({ subject: { sub: "alice" } });
    expect((await receiver.deliveries(1)).map(({ claims }) => claims.sub_id)).toEqual([USER]);
  });

  test("each worker tells of what it decided, once", async () => {
    const receiver = await startEventReceiver();
    const served = await serveWithCrew(2, { env: { ASSAY_EVENTS: JSON.stringify(tellTo(receiver)) } });
    for (const [worker, client] of await served.connectToEach())
      await client.revoke({ subject: { sub: `u${worker}` } });
    await receiver.deliveries(2);
    served.signal("SIGTERM");
    await served.ended;
    const subjects = receiver.delivered.map(({ claims }) => claims.sub_id["sub"]);
    expect(subjects.map(String).toSorted()).toEqual(["u1", "u2"]);
  });
});

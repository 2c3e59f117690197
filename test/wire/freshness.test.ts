/** How fresh answers are, as callers see it: across instances, by revision, and while the store does not answer. */
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, startServer, testCaller } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const MINT = { client_id: "web", subject: "alice", audience: [API] };
const FORMATS = ["JWT", "OPAQUE"] as const;

async function redisServer(): Promise<RedisServer> {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  return redis;
}

const STORES = {
  Redis: async () => (await redisServer()).url,
  "one SQLite file": async () => `sqlite:${join(await temporaryDirectory(), "shared.db")}`,
};

async function twoInstances(store: string): Promise<[TestClient, TestClient]> {
  const settings = { store, keys: { master_key: randomBytes(32).toString("base64url") } };
  const [one, other] = [await startServer(settings), await startServer(settings)];
  return [one.client(), other.client()];
}

describe.each(Object.entries(STORES))("of two instances on %s", (_name, open) => {
  test("each knows at once of what was revoked at the other, when asked with the revision", async () => {
    const instances = await twoInstances(await open());
    for (const [one, other] of [instances, instances.toReversed()] as const) {
      if (one === undefined || other === undefined) throw new Error("there are two");
      for (const format of [...FORMATS, ...FORMATS, ...FORMATS]) {
        const { access_token: token } = await one.issue({ mint: { ...MINT, format } });
        expect(await other.introspect({ token })).toMatchObject({ active: true });
        const { revision = "" } = await one.revoke({ token });
        expect(await other.introspect({ token, at_least_as_fresh: revision })).not.toHaveProperty("active");
        expect(await one.introspect({ token, at_least_as_fresh: revision })).not.toHaveProperty("active");
      }
    }
  });

  test("each answers as fresh as any answer of the other", async () => {
    const [one, other] = await twoInstances(await open());
    const { access_token: token } = await one.issue({ mint: MINT });
    await one.revoke({ subject: { sub: "bob" } });
    const { revision = "" } = await one.introspect({ token });
    const answer = await other.introspect({ token, at_least_as_fresh: revision });
    expect(answer).toMatchObject({ active: true, revision: expect.stringMatching(/^[0-9a-f-]{36}\/\d+-\d+$/) });
    expect(await one.introspect({ token, at_least_as_fresh: answer.revision ?? "" })).toMatchObject({ active: true });
  });

  test("none takes what is no revision, or one of another store", async () => {
    const [one] = await twoInstances(await open());
    const { access_token: token } = await one.issue({ mint: MINT });
    for (const malformed of ["x", "1-0", `${randomUUID()}/`, `${randomUUID()}/1-0 `, "../../1-0"]) {
      const refused = await failureOf(one.introspect({ token, at_least_as_fresh: malformed }));
      expect(refused).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
      expect(refused.fields).toEqual({ at_least_as_fresh: expect.stringContaining("is no revision") });
    }
    expect(await failureOf(one.introspect({ token, at_least_as_fresh: `${randomUUID()}/1-0` }))).toMatchObject({
      code: "UNAVAILABLE",
      reason: "STORE_UNAVAILABLE",
    });
  });

  test("none answers before a revision that its store has not reached", async () => {
    const [one] = await twoInstances(await open());
    const { access_token: token } = await one.issue({ mint: MINT });
    const { revision = "" } = await one.introspect({ token });
    const later = revision.replace(/\d+-\d+$/, "99999999999999-0");
    expect(await failureOf(one.introspect({ token, at_least_as_fresh: later }))).toMatchObject({ code: "UNAVAILABLE" });
  });
});

/** In milliseconds. What this machine may take on a busy day. */
const MARGIN = 2_000;
const MAX_STALENESS = 2_000;
const ALLOWANCE = 60_000;

describe("while Redis is frozen", () => {
  test("a remembered token is answered until max_staleness has passed; then UNAVAILABLE, before it goes on; and again when Redis goes on", async () => {
    const redis = await redisServer();
    const server = await startServer({ store: redis.url, revocations: { max_staleness: `${MAX_STALENESS}ms` } });
    const client = server.client();
    const tokens = await tokensOf(client);
    for (const token of Object.values(tokens))
      expect(await client.introspect({ token })).toMatchObject({ active: true });
    const frozenAt = performance.now();
    redis.pause();
    for (const token of Object.values(tokens)) {
      const answer = await client.introspect({ token });
      expect(answer).toMatchObject({ active: true });
      expect(answer).not.toHaveProperty("stale_for");
    }
    const { answeredAt, failure } = await untilRefused(client, tokens.JWT);
    // Whatever is answered at the end was proved before the freeze.
    expect(answeredAt - frozenAt).toBeLessThanOrEqual(MAX_STALENESS + MARGIN);
    expect(failure).toMatchObject({ code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" });
    expect(failure.retryAfter).toBeGreaterThan(0);
    for (const token of Object.values(tokens))
      expect(await failureOf(client.introspect({ token }))).toMatchObject({ code: "UNAVAILABLE" });
    redis.resume();
    for (const token of Object.values(tokens))
      expect(await answeredAgain(client, token)).toMatchObject({ active: true });
  });

  test("serve_stale_for has JWTs answered, with how stale the answer is, and nothing else", async () => {
    const redis = await redisServer();
    const entry = { permissions: ["introspect" as const], audiences: [API] };
    const patient = testCaller({ name: "patient", ...entry, serve_stale_for: `${ALLOWANCE}ms` });
    const strict = testCaller({ name: "strict", ...entry });
    const server = await startServer({ store: redis.url, callers: [patient.entry, strict.entry] });
    const own = server.client();
    const client = server.client({ secret: patient.secret });
    const other = server.client({ secret: strict.secret });
    const tokens = await tokensOf(own);
    for (const token of Object.values(tokens))
      expect(await client.introspect({ token })).toMatchObject({ active: true });
    const { revision = "" } = await own.introspect({ token: tokens.JWT });
    const { access_token: revoked } = await own.issue({ mint: MINT });
    await own.revoke({ token: revoked });
    redis.pause();
    await untilRefused(other, tokens.JWT);

    const answer = await client.introspect({ token: tokens.JWT });
    expect(answer).toMatchObject({ active: true });
    const { seconds = 0, nanos = 0 } = answer.stale_for ?? {};
    expect(seconds * 1_000 + nanos / 1e6).toBeGreaterThan(1_000);
    expect(seconds * 1_000 + nanos / 1e6).toBeLessThanOrEqual(ALLOWANCE);
    expect(await client.introspect({ token: revoked })).toEqual({});
    for (const asked of [{ token: tokens.OPAQUE }, { token: tokens.JWT, at_least_as_fresh: revision }])
      expect(await failureOf(client.introspect(asked))).toMatchObject({ code: "UNAVAILABLE" });

    redis.resume();
    expect(await answeredAgain(other, tokens.JWT)).toMatchObject({ active: true });
    expect(await client.introspect({ token: tokens.JWT })).not.toHaveProperty("stale_for");
    expect(await client.introspect({ token: tokens.OPAQUE })).toMatchObject({ active: true });
  });
});

async function tokensOf(client: TestClient): Promise<Record<(typeof FORMATS)[number], string>> {
  const [JWT, OPAQUE] = await Promise.all(
    FORMATS.map(async (format) => (await client.issue({ mint: { ...MINT, format } })).access_token),
  );
  return { JWT: JWT ?? "", OPAQUE: OPAQUE ?? "" };
}

/** Asks until it is refused. @returns when the last answer came that was none, in milliseconds of `performance.now` */
async function untilRefused(client: TestClient, token: string) {
  let answeredAt = -Infinity;
  return eventually("the view is too old to be judged by", async () => {
    const call = client.introspect({ token });
    const answer = await call.catch(() => undefined);
    if (answer === undefined) return { answeredAt, failure: await failureOf(call) };
    expect(answer).toMatchObject({ active: true });
    answeredAt = performance.now();
    return undefined;
  });
}

function answeredAgain(client: TestClient, token: string) {
  return eventually("Redis goes on", () => client.introspect({ token }).catch(() => undefined));
}

/** What a caller needs to keep an answer: for how long, and by what a revocation names the token. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf } from "../support/failure-of.ts";
import { API, ORDERS, startServerForFile, testCaller, type TestServer } from "../support/server.ts";

const KEPT_SECONDS = 30;
const keeping = testCaller({
  name: "keeping",
  permissions: ["introspect", "issue", "revoke", "watch", "diagnose"],
  audiences: [API, ORDERS],
  clients: ["*"],
  cacheable_for: `${KEPT_SECONDS}s`,
});
const plain = testCaller({ name: "plain", permissions: ["introspect"], audiences: [API] });

let server: TestServer;
beforeAll(async () => {
  server = await startServerForFile({ development: false, callers: [keeping.entry, plain.entry] });
});
afterAll(() => server.stop());

const mint = { client_id: "web", subject: "alice", audience: [API], scope: "read" };
const minted = (changes: object = {}) => server.client(keeping).issue({ mint: { ...mint, ...changes } });
const introspected = async (token: string) => server.client(keeping).introspect({ token, with_marks: true });

describe("an active answer may be kept", () => {
  test.each(["JWT", "OPAQUE"])("for as long as the caller's configuration says: %s", async (format) => {
    const { access_token: token } = await minted({ format });
    for (const _ of ["at first sight", "seen"])
      expect((await introspected(token)).cacheable_for).toMatchObject({ seconds: KEPT_SECONDS });
  });

  test("no longer than the token lives", async () => {
    const { access_token: token } = await minted({ lifetime: { seconds: 10 } });
    const { seconds = 0 } = (await introspected(token)).cacheable_for ?? {};
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(10);
  });

  test("not at all by a caller that is not configured to, nor where the token is bound to a key, nor when it is a refresh token", async () => {
    const { access_token: token } = await minted();
    expect(await server.client(plain).introspect({ token })).not.toHaveProperty("cacheable_for");
    const thumbprint = "A".repeat(43);
    const bound = await minted({ cnf: { x5t_s256: thumbprint } });
    const proved = { token: bound.access_token, proof: { client_certificate_sha256: thumbprint } };
    expect(await server.client(keeping).introspect(proved)).not.toHaveProperty("cacheable_for");
    const { refresh_token: refreshToken = "" } = await minted({ refresh: true });
    expect(await introspected(refreshToken)).not.toHaveProperty("cacheable_for");
  });
});

describe("marks", () => {
  test.each([
    ["the token", ({ jti = "" }: Named) => ({ token_id: { jti } })],
    ["its family", ({ sid = "" }: Named) => ({ sid })],
    ["its subject", () => ({ subject: { sub: "carol" } })],
  ])("hold what the watch tells of a revocation of %s, and no more", async (_what, selector) => {
    const { access_token: token } = await minted({ subject: "carol" });
    const { access_token: other } = await minted({ subject: "dave" });
    const watch = server.client(keeping).watch({ digests_only: true });
    const { marks = [], ...named } = await introspected(token);
    const { marks: others = [] } = await introspected(other);
    const { revision } = await server.client(keeping).revoke(selector(named));
    await expect.poll(() => watch.revision()).toBe(revision);
    const told = watch.told().at(-1);
    const mark = marks.find(({ digest }) => digest.equals(told?.digest ?? Buffer.alloc(0)));
    expect(mark?.born_at_ms).toBeLessThanOrEqual(told?.born_at_or_before_ms ?? Infinity);
    expect(others.some(({ digest }) => digest.equals(told?.digest ?? Buffer.alloc(0)))).toBe(false);
    watch.cancel();
  });

  test("hold those of whatever an exchanged token came from", async () => {
    const { access_token: subject } = await minted();
    const exchange = {
      client_id: "orders",
      subject_token: subject,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      audience: [ORDERS],
    };
    const { access_token: token } = await server.client(keeping).issue({ exchange });
    const [own, from] = [await introspected(token), await introspected(subject)];
    for (const { digest } of from.marks ?? []) expect(own.marks?.some((mark) => mark.digest.equals(digest))).toBe(true);
  });

  test("are for callers that may watch, and only when asked for", async () => {
    const { access_token: token } = await minted();
    const refused = await failureOf(server.client(plain).introspect({ token, with_marks: true }));
    expect(refused).toMatchObject({ code: "PERMISSION_DENIED", reason: "PERMISSION_MISSING" });
    expect((await server.client(keeping).introspect({ token })).marks ?? []).toEqual([]);
  });
});

type Named = { jti?: string; sid?: string };

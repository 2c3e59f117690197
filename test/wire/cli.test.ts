import { beforeAll, afterAll, describe, expect, test } from "vitest";
import { assay } from "../cli/run-assay.ts";
import { API, ORDERS, startServerForFile } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServerForFile();
});
afterAll(() => server.stop());

const MINT = ["issue", "--client", "web", "--subject", "alice", "--audience", API, "--scope", "read write"];

type Json = Record<string, unknown>;

/** Runs a command with `--json` against the server of this file. */
async function ask(words: readonly string[], input?: string): Promise<{ code: number | null; answer: Json }> {
  const env = { ASSAY_ADDRESS: server.address };
  const { code, stdout, stderr } = await assay([...words, "--json"], { env, ...(input !== undefined && { input }) });
  const answer: Json = JSON.parse(stdout === "" ? stderr : stdout);
  return { code, answer };
}

async function issued(...more: string[]): Promise<{ access: string; refresh: string; answer: Json }> {
  const { answer } = await ask([...MINT, "--refresh", ...more]);
  return { access: String(answer["access_token"]), refresh: String(answer["refresh_token"]), answer };
}

describe("issue", () => {
  test("--json has the shape of RFC 6749", async () => {
    const { code, answer } = await ask([...MINT, "--refresh"]);
    expect(code).toBe(0);
    expect(answer).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      token_type: "Bearer",
      expires_in: expect.any(Number),
      refresh_token: expect.stringMatching(/^asy_rt_/),
      refresh_expires_in: expect.any(Number),
      scope: "read write",
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      sid: expect.any(String),
    });
  });

  test("into a pipe goes the token alone", async () => {
    const { stdout } = await assay([...MINT, "--format", "opaque"], { env: { ASSAY_ADDRESS: server.address } });
    expect(stdout).toMatch(/^asy_at_\w+\n$/);
  });

  test("every option reaches the token", async () => {
    const options = ["--lifetime", "1m", "--claims", '{"tenant":"a"}', "--acr", "2", "--amr", "pwd", "--amr", "otp"];
    const { access } = await issued(...options, "--auth-time", "2026-01-31T12:00:00Z");
    const { answer } = await ask(["introspect", access]);
    expect(answer).toMatchObject({ claims: { tenant: "a" }, acr: "2", amr: ["pwd", "otp"], auth_time: 1_769_860_800 });
    expect(Number(answer["exp"]) - Number(answer["iat"])).toBe(60);
  });

  test("a policy's refusal is exit code 1 with its reason", async () => {
    const { code, answer } = await ask(["issue", "--client", "nobody", "--subject", "a", "--audience", API]);
    expect(code).toBe(1);
    expect(answer).toMatchObject({ error: { status: "PERMISSION_DENIED", reason: "CLIENT_NOT_ALLOWED" } });
  });

  test("a malformed request is exit code 2 with the field", async () => {
    const { code, answer } = await ask(["issue", "--client", "web", "--subject", "", "--audience", API]);
    expect(code).toBe(2);
    expect(answer).toMatchObject({ error: { reason: "INVALID_REQUEST", fields: [{ field: "mint.subject" }] } });
  });
});

describe("introspect", () => {
  test("an active token is exit code 0 with the names of RFC 7662", async () => {
    const { access } = await issued();
    const { code, answer } = await ask(["introspect", "-", "--scope", "read write", "--audience", API], access);
    expect(code).toBe(0);
    expect(answer).toMatchObject({ active: true, client_id: "web", sub: "alice", aud: [API], token_type: "Bearer" });
  });

  test.each([
    ["garbage", ["introspect", "garbage"], "malformed"],
    ["an empty scope of it", ["introspect", "-", "--scope", "admin"], "insufficient_scope"],
    ["another audience", ["introspect", "-", "--audience", ORDERS], "audience_mismatch"],
  ])("%s is exit code 1 with why, for a caller that may diagnose", async (_what, words, reason) => {
    const { access } = await issued();
    const { code, answer } = await ask(words, access);
    expect(code).toBe(1);
    expect(answer).toMatchObject({ active: false, inactive_reason: reason });
  });

  test("a question that is refused is exit code 3: it says nothing about the token", async () => {
    const { code, answer } = await ask(["introspect", "token", "--audience", "https://not.mine"]);
    expect(code).toBe(3);
    expect(answer).toMatchObject({ error: { reason: "AUDIENCE_NOT_ALLOWED" } });
  });

  test("an answer may be asked for that knows of a revocation, and an active one says what it knows of", async () => {
    const { access } = await issued();
    const { answer: revoked } = await ask(["revoke", "--subject", "somebody"]);
    const revision = String(revoked["revision"]);
    const { code, answer } = await ask(["introspect", "-", "--at-least-as-fresh", revision], access);
    expect([code, answer]).toEqual([0, expect.objectContaining({ active: true, revision: expect.any(String) })]);
    const wrong = await ask(["introspect", "-", "--at-least-as-fresh", "yesterday"], access);
    expect(wrong.code).toBe(2);
  });

  test("an empty token is exit code 2", async () => {
    const { code, answer } = await ask(["introspect", ""]);
    expect(code).toBe(2);
    expect(answer).toMatchObject({ error: { fields: [{ field: "token" }] } });
  });

  test("without --json it says active, and what the token says", async () => {
    const { access } = await issued();
    const { code, stdout } = await assay(["introspect", access, "--address", server.address]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^active\n/);
    expect(stdout).toMatch(/^ {2}sub +alice$/m);
  });
});

describe("refresh", () => {
  test("gives new tokens, after which the old refresh token is inactive", async () => {
    const first = await issued();
    const { code, answer } = await ask(["refresh", "-", "--client", "web", "--scope", "read"], first.refresh);
    expect(code).toBe(0);
    expect(answer).toMatchObject({ scope: "read", sid: first.answer["sid"] });
    expect((await ask(["introspect", first.refresh])).code).toBe(1);
  });

  test("of another client's token is exit code 1", async () => {
    const { refresh } = await issued();
    const { code, answer } = await ask(["refresh", refresh, "--client", "orders"]);
    expect(code).toBe(1);
    expect(answer).toMatchObject({ error: { status: expect.any(String), reason: expect.any(String) } });
  });
});

test("exchange gives a token for the other audience, with the actor in it", async () => {
  const { access } = await issued();
  const exchange = ["exchange", "--client", "orders", "--audience", ORDERS, "--scope", "read", "--subject-token", "-"];
  const { code, answer } = await ask([...exchange, "--requested-token-type", "jwt"], access);
  expect({ code, answer }).toMatchObject({
    code: 0,
    answer: { scope: "read", issued_token_type: "urn:ietf:params:oauth:token-type:jwt" },
  });
  const introspected = await ask(["introspect", String(answer["access_token"])]);
  expect(introspected.answer).toMatchObject({ active: true, sub: "alice", client_id: "orders", aud: [ORDERS] });
});

describe("revoke", () => {
  const named: ReadonlyArray<[string, (token: Json) => string[]]> = [
    ["a token", ({ access_token }) => [String(access_token)]],
    ["its family", ({ sid }) => ["--sid", String(sid)]],
    ["its identifier", ({ jti }) => ["--jti", String(jti)]],
    ["its subject", ({ sub }) => ["--subject", String(sub), "--reason", "laptop lost"]],
  ];

  test.each(named)("by %s: says revision and durability, and the token is inactive", async (_what, selector) => {
    const { answer } = await ask(MINT.with(4, `subject of ${_what}`));
    const { answer: facts } = await ask(["introspect", String(answer["access_token"])]);
    const revoked = await ask(["revoke", ...selector({ ...facts, ...answer })]);
    expect(revoked).toEqual({ code: 0, answer: { revision: expect.any(String), durability: "local" } });
    expect((await ask(["introspect", String(answer["access_token"])])).code).toBe(1);
  });

  test("of what is no token is exit code 0 without a revision (RFC 7009)", async () => {
    expect(await ask(["revoke", "garbage"])).toEqual({ code: 0, answer: {} });
  });

  test("with a cut-off leaves what began later", async () => {
    const { answer } = await ask(MINT.with(4, "late"));
    const revoked = await ask(["revoke", "--subject", "late", "--born-at-or-before", "2026-01-01T00:00:00Z"]);
    expect(revoked.code).toBe(0);
    expect((await ask(["introspect", String(answer["access_token"])])).code).toBe(0);
  });

  test("with a cut-off in the future is exit code 2", async () => {
    const { code } = await ask(["revoke", "--subject", "late", "--born-at-or-before", "2999-01-01T00:00:00Z"]);
    expect(code).toBe(2);
  });
});

test("health says that it is serving", async () => {
  expect(await ask(["health"])).toEqual({ code: 0, answer: { status: "SERVING" } });
});

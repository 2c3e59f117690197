/** What an authority tells is held against what can be true: in doubt a verifier answers UNAVAILABLE. */
import { describe, expect, test } from "vitest";
import { encodeOpaqueToken } from "../../src/core/token/opaque-token.ts";
import { uuidV7 } from "../../src/core/token/uuid.ts";
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { CallError } from "../support/call-error.ts";
import { issuer, service, startVerifier } from "../support/deployment.ts";
import { recordTokensIn } from "../support/leaks/record.ts";
import { type Lies, provingStep, startLyingAuthority } from "../support/lying-authority.ts";
import { API, ISSUER } from "../support/server.ts";
import { eventually } from "../support/eventually.ts";

const HOUR = 3_600_000;
const NO_STEPS = (): object[] => [];

async function told(lies: Lies) {
  const address = await startLyingAuthority(lies);
  const verifier = await startVerifier([address], { upstream: { authorities: [address], timeout: "300ms" } });
  const token = encodeOpaqueToken(randomBytes(32));
  recordTokensIn(token);
  return { verifier, ask: (caller = service) => answerOf(verifier.client(caller).introspect({ token })) };
}

async function answerOf(call: Promise<object>): Promise<object | string> {
  return call.catch((error: unknown) => {
    if (error instanceof CallError) return error.reason ?? error.code;
    throw error;
  });
}

function payload(changes: object = {}): string {
  const now = Math.floor(Date.now() / 1_000);
  const id = uuidV7(Date.now(), randomBytes(10));
  return JSON.stringify({
    iss: ISSUER,
    sub: "alice",
    client_id: "web",
    aud: API,
    exp: now + 60,
    iat: now,
    jti: id,
    sid: id,
    ...changes,
  });
}

test("what an honest authority would tell is believed", async () => {
  const { ask } = await told({ steps: () => [provingStep()], recognised: { claims: payload() } });
  expect(await ask()).toMatchObject({ active: true, sub: "alice" });
});

describe("nothing is active", () => {
  test.each<[string, Lies]>([
    [
      "a proof lies in the future",
      { steps: () => [provingStep({ proved_at_ms: Date.now() + HOUR })], provedForMs: -HOUR },
    ],
    ["a proof is old", { steps: () => [provingStep({ proved_at_ms: Date.now() - HOUR })], provedForMs: HOUR }],
    [
      "the store's clock is another than ours",
      { steps: () => [provingStep({ proved_at_ms: Date.now() + HOUR })], aheadMs: HOUR },
    ],
    ["a revision is none", { steps: () => [provingStep({ revision: "1" })] }],
    ["a revocation has no digest", { steps: () => [provingStep({ revocations: [{ digest: Buffer.alloc(15) }] })] }],
    ["the log is told without its beginning", { steps: () => [provingStep({ from_beginning: false })] }],
    [
      "the store is at what is no revision",
      { steps: () => [provingStep({ proved_at_ms: 1 })], synced: () => ({ revision: "1" }) },
    ],
    ["nothing is ever told", { steps: NO_STEPS }],
  ])("when %s", async (_what, lies) => {
    const { ask } = await told({ recognised: { claims: payload() }, ...lies });
    expect(await ask()).toBe("STORE_UNAVAILABLE");
  });

  test.each<[string, object, unknown]>([
    ["the claims are no JSON", { claims: "{" }, "INTERNAL"],
    ["the claims lack what a token says", { claims: "{}" }, "INTERNAL"],
    ["an opaque token stands in a family", { claims: payload(), standing: "STANDING_CURRENT" }, "INTERNAL"],
    [
      "the token has another issuer",
      { claims: payload({ iss: "https://another.example" }) },
      { inactive_reason: "INACTIVE_REASON_ISSUER_NOT_TRUSTED" },
    ],
    [
      "the token has no birth",
      { claims: payload({ sid: "x" }) },
      { inactive_reason: "INACTIVE_REASON_INVALID_CLAIMS" },
    ],
    [
      "the token is for others",
      { claims: payload({ aud: "https://another.example" }) },
      { inactive_reason: "INACTIVE_REASON_AUDIENCE_MISMATCH" },
    ],
    ["the token has expired", { claims: payload({ exp: 1 }) }, { inactive_reason: "INACTIVE_REASON_EXPIRED" }],
  ])("of a recognised token when %s", async (_what, recognised, expected) => {
    const { ask } = await told({ steps: () => [provingStep()], recognised });
    expect(await ask()).toEqual(expected);
  });
});

test("what has been proved counts no more once everything is told anew", async () => {
  let watched = 0;
  const anew = { from_beginning: true, revocations: [] };
  const { ask } = await told({
    steps: () => (watched++ === 0 ? [provingStep(), anew] : [anew]),
    recognised: { claims: payload() },
  });
  expect(await ask()).toBe("STORE_UNAVAILABLE");
});

test("an authority that tells nothing more is left, and asked anew", async () => {
  let watched = 0;
  const steps = (): object[] => {
    watched += 1;
    return [provingStep()];
  };
  await told({ steps });
  expect(await eventually("it is asked anew", () => (watched > 2 ? true : undefined))).toBe(true);
});

test("a revocation that was written is of unknown outcome until the verifier has been told of it", async () => {
  let revoked = 0;
  const silent = await told({ steps: NO_STEPS, revoked: () => (revoked += 1) });
  const revoke = { subject: { sub: "alice" } };
  expect(await answerOf(silent.verifier.client(issuer).revoke(revoke))).toBe("STORE_UNAVAILABLE");
  expect(revoked).toBe(1);
  const wrong = await told({ steps: () => [provingStep()], revoked: () => ({ revision: "1" }) });
  expect(await answerOf(wrong.verifier.client(issuer).revoke(revoke))).toBe("STORE_UNAVAILABLE");
  const honest = await told({ steps: () => [provingStep()] });
  expect(await answerOf(honest.verifier.client(issuer).revoke(revoke))).toHaveProperty("revision");
});

test("an authority that hangs up once it has proved something is asked ever more rarely", async () => {
  const watched: number[] = [];
  const hangUp: Lies["watched"] = (stream) => {
    watched.push(performance.now());
    stream.end();
  };
  await told({ steps: () => [provingStep()], watched: hangUp });
  const [first = 0, seventh = 0] = await eventually("it has hung up often", () =>
    watched.length < 7 ? undefined : [watched[0], watched[6]],
  );
  expect(seventh - first).toBeGreaterThan(1_000);
});

test("what an authority says of itself does not fill the log", async () => {
  const { verifier } = await told({ joined: () => ({ issuer: "x".repeat(100_000) }) });
  expect(verifier.log()).toContain("issues as 'xxx");
  expect(verifier.log().length).toBeLessThan(50_000);
});

test("what was remembered is asked for anew once the authority has changed how tokens are judged", async () => {
  const says: { maxLifetime: number; recognised: object } = { maxLifetime: 3_600, recognised: { claims: payload() } };
  const { ask } = await told({
    steps: () => [provingStep()],
    joined: () => ({ access_max_lifetime: { seconds: says.maxLifetime } }),
    recognised: () => says.recognised,
  });
  expect(await ask()).toMatchObject({ active: true });
  says.recognised = {};
  expect(await ask()).toMatchObject({ active: true });
  says.maxLifetime = 1_800;
  const inactive = { inactive_reason: "INACTIVE_REASON_UNKNOWN" };
  await eventually("it is asked anew", async () => (isDeepStrictEqual(await ask(), inactive) ? true : undefined));
});

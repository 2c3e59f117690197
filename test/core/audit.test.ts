import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../src/core/audit.ts";
import { AssayError } from "../../src/core/error.ts";
import { fingerprintsOf } from "../../src/core/fingerprint.ts";
import {
  API,
  callerWithout,
  changePolicy,
  FOREIGN,
  ISSUER,
  openTestCore,
  ORDERS,
  type TestCore,
} from "../support/core-environment.ts";
import { exchanged, introspected, minted, mintedChain, refreshed, refusal, revoked } from "../support/core-requests.ts";

const FINGERPRINT = expect.stringMatching(/^[0-9a-f]{16}$/);

/** Of Alice, who is the subject of honest requests. */
function alice(core: TestCore): string | undefined {
  return fingerprintsOf(core.environment, { iss: ISSUER, sub: "alice" }).subjectFingerprint;
}

/** The one event that was told since the last look. */
function only(core: TestCore): AuditEvent | undefined {
  expect(core.audits).toHaveLength(1);
  return core.audits.splice(0)[0];
}

describe("what is issued", () => {
  test("is told with who asked, for which client, and what it is good for, and with fingerprints alone", async () => {
    const core = await openTestCore();
    await minted(core, { format: "opaque" });
    expect(only(core)).toEqual({
      kind: "token_issued",
      outcome: "done",
      caller: "test",
      clientId: "web",
      format: "opaque",
      audiences: [API],
      scopes: ["read", "write"],
      tokenFingerprint: FINGERPRINT,
      familyFingerprint: FINGERPRINT,
      subjectFingerprint: alice(core),
    });
  });

  test("by refresh is told with the family of the first, and with another token each time", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    await refreshed(core, first.refresh.token);
    const [issued, rotated] = core.audits;
    expect(rotated).toMatchObject({ kind: "token_refreshed", outcome: "done", clientId: "web", format: "jwt" });
    expect(rotated?.familyFingerprint).toBe(issued?.familyFingerprint);
    expect(rotated?.tokenFingerprint).not.toBe(issued?.tokenFingerprint);
  });

  test("is repeated where a rotation is retried, with the token that it made", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    await refreshed(core, first.refresh.token);
    await refreshed(core, first.refresh.token);
    const [, rotated, retried] = core.audits;
    expect(retried).toEqual({ ...rotated, outcome: "repeated" });
  });

  test("by exchange is told for the client that exchanges, with the subject", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    await exchanged(core, accessToken);
    const [issued, traded] = core.audits;
    expect(traded).toMatchObject({ kind: "token_exchanged", outcome: "done", clientId: "orders", audiences: [ORDERS] });
    expect(traded?.subjectFingerprint).toBe(issued?.subjectFingerprint);
  });

  test("and its signals share their fingerprints", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    await revoked(core, { by: "token", token: accessToken });
    await introspected(core, accessToken);
    const [{ tokenFingerprint, familyFingerprint, subjectFingerprint } = {}] = core.audits;
    expect(core.signals).toMatchObject([{ tokenFingerprint, familyFingerprint, subjectFingerprint }]);
  });
});

test("what was refused can be told from what was done without asking for the event", async () => {
  const core = await openTestCore();
  const told: [string, AuditEvent["outcome"]][] = [];
  core.environment.audit = { tell: (event, end) => told.push([end, event().outcome]) };
  await minted(core);
  await revoked(core, { by: "subject", sub: "nobody" });
  expect(await refusal(refreshed(core, "asy_rt_x"))).toBe("invalid_grant");
  expect(told).toEqual([
    ["done", "done"],
    ["done", "done"],
    ["not_done", "refused"],
  ]);
});

describe("what is refused", () => {
  type Refused = [string, (core: TestCore) => Promise<unknown>, Partial<AuditEvent>];

  test.each<Refused>([
    [
      "a caller without the permission",
      (core) => minted(core, { as: callerWithout("issue") }),
      { kind: "token_issued", reason: "PERMISSION_MISSING" },
    ],
    [
      "a scope beyond the policy",
      (core) => minted(core, { scopes: ["admin"] }),
      { kind: "token_issued", reason: "SCOPE_NOT_ALLOWED", clientId: "web" },
    ],
    [
      "what is no refresh token",
      (core) => refreshed(core, "asy_rt_x"),
      { kind: "token_refreshed", reason: "INVALID_GRANT", refusal: "malformed" },
    ],
    [
      "what is no subject token",
      (core) => exchanged(core, "x"),
      { kind: "token_exchanged", reason: "INVALID_GRANT", refusal: "malformed" },
    ],
    [
      "a revocation by a caller without the permission",
      (core) => revoked(core, { by: "issuer", iss: ISSUER }, { as: callerWithout("admin") }),
      { kind: "revocation", reason: "PERMISSION_MISSING", selector: "issuer" },
    ],
  ])("is told with its reason: %s", async (_what, ask, expected) => {
    const core = await openTestCore();
    await refusal(ask(core));
    expect(only(core)).toMatchObject({ outcome: "refused", caller: "test", ...expected });
  });

  test("a refresh token of another client is told with the family that it is of", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    changePolicy(core, "orders", {});
    core.audits.splice(0);
    await refusal(refreshed(core, refresh.token, { clientId: "orders" }));
    expect(only(core)).toMatchObject({ refusal: "client_mismatch", familyFingerprint: FINGERPRINT });
  });

  test("a client that is not configured is not named: that could be anything", async () => {
    const core = await openTestCore();
    await refusal(minted(core, { clientId: "alice@example.org" }));
    expect(only(core)).not.toHaveProperty("clientId");
  });

  test("a store that fails leaves it open whether it was done", async () => {
    const core = await openTestCore();
    const { families } = core.environment.store;
    families.create = () => Promise.reject(new AssayError("store_unavailable", "gone"));
    await refusal(mintedChain(core));
    expect(only(core)).toMatchObject({ outcome: "failed", reason: "STORE_UNAVAILABLE" });
  });
});

describe("a revocation", () => {
  test("is told with what it names, what it survives, and without the words of its caller", async () => {
    const core = await openTestCore();
    await revoked(core, { by: "subject", sub: "alice" }, { reason: "alice has left the company" });
    expect(only(core)).toEqual({
      kind: "revocation",
      outcome: "done",
      caller: "test",
      selector: "subject",
      cause: "request",
      issuer: ISSUER,
      durability: "local",
      subjectFingerprint: alice(core),
    });
  });

  test("of a token is told with its client and the fingerprints that it was issued with", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    await revoked(core, { by: "token", token: accessToken });
    const [issued, dead] = core.audits;
    const { tokenFingerprint, familyFingerprint } = issued ?? {};
    expect(dead).toMatchObject({ selector: "token", clientId: "web", tokenFingerprint, familyFingerprint });
  });

  test("of a key is told by a fingerprint, and of another issuer's client by that issuer alone", async () => {
    const core = await openTestCore();
    await revoked(core, { by: "key_id", kid: "own" });
    expect(only(core)).toMatchObject({ selector: "key_id", keyFingerprint: FINGERPRINT });
    await revoked(core, { by: "client_id", iss: FOREIGN, clientId: "web" });
    const event = only(core);
    expect(event).toMatchObject({ selector: "client_id", issuer: FOREIGN });
    expect(event).not.toHaveProperty("clientId");
  });

  test("of what is no token is told as nothing", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    core.advance(3_600);
    core.audits.splice(0);
    await revoked(core, { by: "token", token: accessToken });
    expect(only(core)).toMatchObject({ outcome: "nothing", selector: "token" });
  });

  test("that misuse of a refresh token leads to is told before the refusal", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    await refreshed(core, first.refresh.token);
    core.advance(11);
    core.audits.splice(0);
    await refusal(refreshed(core, first.refresh.token));
    expect(core.audits).toMatchObject([
      { kind: "revocation", outcome: "done", cause: "refresh_token_reuse", durability: "local", clientId: "web" },
      { kind: "token_refreshed", outcome: "refused", reason: "INVALID_GRANT", refusal: "predecessor_reused" },
    ]);
  });
});

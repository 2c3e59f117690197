import { describe, expect, test } from "vitest";
import {
  API,
  caller,
  callerWithout,
  FOREIGN,
  ISSUER,
  openTestCore,
  ORDERS,
  START,
} from "../support/core-environment.ts";
import { introspected, minted, mintedChain, refreshed, refusal, revoked, stateOf } from "../support/core-requests.ts";
import { foreignJwt, ownJwt } from "../support/honest-jwt.ts";

const NOW = START / 1_000;
const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);

describe("a token that is good", () => {
  test.each(["jwt", "opaque"] as const)("of ours (%s) is active, with all it says", async (format) => {
    const core = await openTestCore();
    const further = { tenant: "t1", roles: ["a", "b"] };
    const personal = { authTime: NOW - 60, acr: "2", amr: ["pwd"] };
    const { accessToken, sid } = await minted(core, { format, claims: further, ...personal });
    const answer = await introspected(core, accessToken);
    const claims = {
      iss: ISSUER,
      sub: "alice",
      aud: [API],
      client_id: "web",
      scope: "read write",
      iat: NOW,
      exp: NOW + 900,
      jti: UUID,
      sid,
      auth_time: NOW - 60,
      acr: "2",
      amr: ["pwd"],
      extra: further,
    };
    const revision = core.environment.revocations.revision();
    expect(JSON.parse(JSON.stringify(answer))).toEqual({ active: true, kind: "access", claims, revision });
  });

  test("of a trusted issuer is active, with what it says", async () => {
    const core = await openTestCore();
    const answer = await introspected(core, foreignJwt(core, { jti: "t1", tenant: 1, origins: "theirs" }));
    expect(answer).toMatchObject({
      active: true,
      claims: { iss: FOREIGN, sub: "bob", client_id: "portal", jti: "t1", extra: { tenant: 1, origins: "theirs" } },
    });
  });

  test("and a refresh token is active, for nobody's audience, until it idles away", async () => {
    const core = await openTestCore();
    const { refresh, sid } = await mintedChain(core);
    const answer = await introspected(core, refresh.token);
    const week = 7 * 86_400;
    const claims = { iss: ISSUER, sub: "alice", aud: [], client_id: "web", scope: "read write", sid };
    expect(answer).toMatchObject({ active: true, kind: "refresh", claims: { ...claims, iat: NOW, exp: NOW + week } });
  });
});

describe("a token dies with time", () => {
  test.each(["jwt", "opaque"] as const)("ours (%s) at its exp to the second, without leeway", async (format) => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { format });
    core.advance(899.999);
    expect(await stateOf(core, accessToken)).toBe("active");
    core.advance(0.001);
    expect(await stateOf(core, accessToken)).toBe("expired");
  });

  test.each(["jwt", "opaque"] as const)(
    "ours (%s) when the configuration no longer allows so long a lifetime",
    async (format) => {
      const core = await openTestCore();
      const { accessToken } = await minted(core, { format, lifetime: 600 });
      core.environment.accessMaxLifetime = 599;
      expect(await stateOf(core, accessToken)).toBe("lifetime_too_long");
    },
  );

  test("a foreign one at its exp and its issuer's leeway", async () => {
    const core = await openTestCore();
    const token = foreignJwt(core);
    core.advance(609.999);
    expect(await stateOf(core, token)).toBe("active");
    core.advance(0.001);
    expect(await stateOf(core, token)).toBe("expired");
  });

  test("a refresh token when it has not been used for its idle lifetime", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    core.advance(7 * 86_400 - 1);
    expect(await stateOf(core, refresh.token)).toBe("active");
    core.advance(1);
    expect(await stateOf(core, refresh.token)).toBe("expired");
  });
});

describe("the reason", () => {
  /** Everything that can be wrong with a live token, weakest last: the first that holds is the reason. */
  test("is the first that holds: dead, then somebody else's, then unproved, then short of scope", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { scopes: [], cnf: { jkt: "x" } });
    const requiredScopes = ["read"];
    const as = caller({ audiences: new Set([ORDERS]) });
    expect(await stateOf(core, accessToken, { requiredScopes })).toBe("proof_required");
    expect(await stateOf(core, accessToken, { requiredScopes, as })).toBe("audience_mismatch");
    await revoked(core, { by: "token", token: accessToken });
    expect(await stateOf(core, accessToken, { requiredScopes, as })).toBe("revoked");
    core.advance(900);
    expect(await stateOf(core, accessToken, { requiredScopes, as })).toBe("expired");
  });

  test("of a superseded refresh token in a dead family is that it is revoked", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    await refreshed(core, first.refresh.token);
    await revoked(core, { by: "sid", sid: first.sid });
    expect(await stateOf(core, first.refresh.token)).toBe("revoked");
  });

  test("is hidden unless the caller may diagnose", async () => {
    const core = await openTestCore();
    const bad = ["garbage", ownJwt(core, { aud: "other" }), foreignJwt(core, { exp: START / 1_000 - 60, iat: 0 })];
    for (const token of bad) {
      expect(await introspected(core, token, { as: callerWithout("diagnose") })).not.toHaveProperty("inactiveReason");
      const outcome = await stateOf(core, token);
      expect(await introspected(core, token)).toEqual({ active: false, outcome, inactiveReason: outcome });
    }
  });

  test.each([
    ["nothing at all", ""],
    ["a word", "garbage"],
    ["a prefix", "asy_at_"],
    ["the other prefix", "asy_rt_"],
    ["three dots", "..."],
    ["a NUL", "\0"],
    ["emoji", "😀".repeat(100)],
    ["an opaque token with a wrong checksum", `asy_at_${"0".repeat(49)}`],
    ["a refresh token with a wrong checksum", `asy_rt_${"0".repeat(62)}`],
    ["a caller's secret", `asy_cs_${"0".repeat(49)}`],
    ["16,385 characters", "a".repeat(16_385)],
    ["10 MB", "a.b.c".repeat(2_000_000)],
  ])("of %s is that it is malformed", async (_name, token) => {
    const core = await openTestCore();
    expect(await stateOf(core, token)).toBe("malformed");
  });
});

describe("a revoked token that is presented", () => {
  test.each([
    ["jwt", "access"],
    ["opaque", "access"],
    ["refresh", "refresh"],
  ] as const)("(%s) is a signal, with fingerprints and without the token", async (form, detail) => {
    const core = await openTestCore();
    const { accessToken, refresh, sid } = await mintedChain(core, { format: form === "opaque" ? "opaque" : "jwt" });
    await revoked(core, { by: "sid", sid });
    expect(await stateOf(core, form === "refresh" ? refresh.token : accessToken)).toBe("revoked");
    const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/);
    const own = form === "refresh" ? {} : { tokenFingerprint: fingerprint };
    const counted = { count: 1, windowMs: 3_600_000 };
    const signal = {
      kind: "revoked_token_used",
      severity: "info",
      caller: "test",
      clientId: "web",
      detail,
      ...counted,
    };
    expect(core.signals).toEqual([
      { ...signal, ...own, familyFingerprint: fingerprint, subjectFingerprint: fingerprint },
    ]);
    expect(JSON.stringify(core.signals)).not.toContain(sid);
  });

  test("again and again is a warning with the same fingerprints, and another token has others", async () => {
    const core = await openTestCore();
    const [one, other] = [await minted(core), await minted(core)];
    await revoked(core, { by: "client_id", clientId: "web" });
    for (const { accessToken } of [one, one, one, one, one, other]) {
      await stateOf(core, accessToken);
      core.advance(10);
    }
    expect(core.signals.map(({ severity }) => severity)).toEqual(["info", "warning", "info"]);
    const [first, again, another] = core.signals.map(({ tokenFingerprint }) => tokenFingerprint);
    expect(again).toBe(first);
    expect(another).not.toBe(first);
  });

  test("is no signal once it has expired", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    await revoked(core, { by: "token", token: accessToken });
    core.advance(900);
    expect(await stateOf(core, accessToken)).toBe("expired");
    expect(core.signals).toEqual([]);
  });
});

test("a caller without the permission is refused before anything is looked at", async () => {
  const core = await openTestCore();
  const as = callerWithout("introspect");
  expect(await refusal(introspected(core, "garbage", { as }))).toBe("permission_missing");
});

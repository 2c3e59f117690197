import { describe, expect, test } from "vitest";
import { familyId } from "../../../src/core/family.ts";
import { encodeRefreshToken } from "../../../src/core/token/refresh-token.ts";
import { unseal } from "../../../src/core/sealing.ts";
import { changePolicy, openTestCore, type TestCore } from "../../support/core-environment.ts";
import { exchanged, mintedChain, refreshed, refusal, revoked, stateOf } from "../../support/core-requests.ts";

const FINGERPRINT = expect.stringMatching(/^[0-9a-f]{16}$/);
const FINGERPRINTS = { familyFingerprint: FINGERPRINT, subjectFingerprint: FINGERPRINT };
const SIGNAL = { severity: "critical", caller: "test", clientId: "web", ...FINGERPRINTS };

const crash = () => Promise.reject(new Error("crash"));

/** A genuine token of a generation that this store has not reached: it was made before the store went back in time. */
async function tokenOfTheFuture(core: TestCore, sid: string, generation: number): Promise<string> {
  const id = familyId(core.environment, sid);
  const record = await core.environment.store.families.read(id);
  const grant = unseal(
    core.environment.keys.sealing,
    `family:${id.toString("hex")}`,
    record?.sealed ?? Buffer.alloc(0),
  );
  const salt = Buffer.from(String(Object.entries(Object(grant)).find(([name]) => name === "salt")?.[1]), "base64url");
  const { id: macKeyId, key } = core.environment.macKeys.active();
  return encodeRefreshToken({ macKeyId, sid, generation }, key, salt);
}

describe("a refresh token that is used again", () => {
  test("out of its grace kills the family, and everything minted from it", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token);
    const traded = await exchanged(core, second.accessToken);
    core.advance(11);
    expect(await refusal(refreshed(core, first.refresh.token))).toBe("invalid_grant");
    const all = [first, second].flatMap(({ accessToken, refresh }) => [accessToken, refresh.token]);
    for (const token of [...all, traded.accessToken]) expect(await stateOf(core, token)).toBe("revoked");
    expect(await refusal(refreshed(core, second.refresh.token))).toBe("invalid_grant");
  });

  test("after many generations kills the family, opaque tokens too", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core, { format: "opaque" });
    let last = first;
    for (let generation = 1; generation <= 20; generation++) last = await refreshed(core, last.refresh.token);
    expect(await refusal(refreshed(core, first.refresh.token))).toBe("invalid_grant");
    for (const token of [first.accessToken, last.accessToken, last.refresh.token]) {
      expect(await stateOf(core, token)).toBe("revoked");
    }
  });

  test("leaves other families of the same subject and client alone", async () => {
    const core = await openTestCore();
    const [victim, other] = [await mintedChain(core), await mintedChain(core)];
    await refreshed(core, victim.refresh.token);
    core.advance(11);
    await refusal(refreshed(core, victim.refresh.token));
    expect(await stateOf(core, other.accessToken)).toBe("active");
    expect(await refreshed(core, other.refresh.token)).toBeDefined();
  });

  test("is a signal that says which kind of reuse it was", async () => {
    const core = await openTestCore();
    const [one, other] = [await mintedChain(core), await mintedChain(core)];
    await refreshed(core, one.refresh.token);
    await refreshed(core, (await refreshed(core, other.refresh.token)).refresh.token);
    core.advance(11);
    await refusal(refreshed(core, one.refresh.token));
    await refusal(refreshed(core, other.refresh.token));
    expect(core.signals).toEqual([
      { ...SIGNAL, kind: "refresh_token_reuse", detail: "predecessor_reused" },
      { ...SIGNAL, kind: "refresh_token_reuse", detail: "stale_generation" },
    ]);
    expect(JSON.stringify(core.signals)).not.toContain(one.sid);
  });

  test("is a signal once; further uses are of a revoked token", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token);
    core.advance(11);
    for (const token of [first.refresh.token, first.refresh.token, second.refresh.token]) {
      expect(await refusal(refreshed(core, token))).toBe("invalid_grant");
    }
    const kinds = core.signals.map(({ kind }) => kind);
    expect(kinds).toEqual(["refresh_token_reuse", "revoked_token_used", "revoked_token_used"]);
  });

  test("marks the family's record dead, after the revocation", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    await refreshed(core, first.refresh.token);
    core.advance(11);
    await refusal(refreshed(core, first.refresh.token));
    expect(await core.environment.store.families.read(familyId(core.environment, first.sid))).toMatchObject({
      dead: true,
    });
  });

  test("is dead already where a crash came between the revocation and the mark", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const { families } = core.environment.store;
    core.environment.store = { ...core.environment.store, families: { ...families, kill: crash } };
    await expect(revoked(core, { by: "sid", sid: first.sid })).rejects.toThrow("crash");
    expect(await families.read(familyId(core.environment, first.sid))).toMatchObject({ dead: false });
    expect(await stateOf(core, first.accessToken)).toBe("revoked");
    expect(await refusal(refreshed(core, first.refresh.token))).toBe("invalid_grant");
  });
});

describe("a genuine token beyond the current generation", () => {
  test("kills the family: the store has gone back in time", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const token = await tokenOfTheFuture(core, first.sid, 1);
    expect(await stateOf(core, token)).not.toBe("active");
    expect(await refusal(refreshed(core, token))).toBe("invalid_grant");
    expect(core.signals).toEqual([{ ...SIGNAL, kind: "store_rollback" }]);
    for (const dead of [first.accessToken, first.refresh.token]) expect(await stateOf(core, dead)).toBe("revoked");
  });

  test("kills the family also where the store believes it expired", async () => {
    const core = await openTestCore();
    changePolicy(core, "web", { refreshIdleLifetime: 300 });
    const first = await mintedChain(core);
    const token = await tokenOfTheFuture(core, first.sid, 5);
    core.advance(600);
    expect(await refusal(refreshed(core, token))).toBe("invalid_grant");
    expect(core.signals).toMatchObject([{ kind: "store_rollback" }]);
    expect(await stateOf(core, first.accessToken)).toBe("revoked");
  });
});

test("a token of the current generation is none when another of our MAC keys made it: that key may be stolen and revoked", async () => {
  const core = await openTestCore();
  const { sid } = await mintedChain(core);
  const { macKeys } = core.environment;
  const stolen = { id: 8, key: Buffer.alloc(32, 8) };
  core.environment.macKeys = {
    active: () => stolen,
    byId: async (id) => (id === stolen.id ? stolen.key : macKeys.byId(id)),
  };
  const forged = await tokenOfTheFuture(core, sid, 0);
  expect(await stateOf(core, forged)).not.toBe("active");
  expect(await refusal(refreshed(core, forged))).toBe("invalid_grant");
});

describe("a token of a revoked family", () => {
  test.each([
    ["the family", (sid: string) => ({ by: "sid" as const, sid })],
    ["its subject", () => ({ by: "subject" as const, sub: "alice" })],
    ["its client", () => ({ by: "client_id" as const, clientId: "web" })],
    ["our issuer", () => ({ by: "issuer" as const, iss: "https://assay.example" })],
  ])("is refused as soon as %s is revoked, with a signal", async (_name, selector) => {
    const core = await openTestCore();
    const { refresh, sid } = await mintedChain(core);
    await revoked(core, selector(sid));
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    const signal = { ...SIGNAL, severity: "info", kind: "revoked_token_used", detail: "refresh" };
    expect(core.signals).toEqual([{ ...signal, count: 1, windowMs: 3_600_000 }]);
  });

  test("cannot be retried either", async () => {
    const core = await openTestCore();
    const { refresh, sid } = await mintedChain(core);
    await refreshed(core, refresh.token);
    await revoked(core, { by: "sid", sid });
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
  });

  test("is dead although the rotation ran at the same time as the revocation", async () => {
    const core = await openTestCore();
    for (let attempt = 0; attempt < 20; attempt++) {
      const { refresh, sid } = await mintedChain(core);
      const [issued] = await Promise.allSettled([refreshed(core, refresh.token), revoked(core, { by: "sid", sid })]);
      const tokens = issued.status === "fulfilled" ? [issued.value.accessToken, issued.value.refresh.token] : [];
      for (const token of tokens) expect(await stateOf(core, token)).toBe("revoked");
    }
  });
});

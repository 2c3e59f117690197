import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Issued } from "../../../src/core/issue/issued.ts";
import { changePolicy, openTestCore } from "../../support/core-environment.ts";
import { type Chain, mintedChain, refreshed, refusal, stateOf } from "../../support/core-requests.ts";

const texts = ({ accessToken, refresh }: Issued) => [accessToken.reveal(), refresh?.token.reveal()];
const HOME = { context: { clientIp: "192.0.2.1", userAgent: "app/1" } };

describe("a retry of a refresh whose answer was lost", () => {
  test.each(["jwt", "opaque"] as const)("yields the very same tokens (%s), to the byte", async (format) => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { format });
    const answer = await refreshed(core, refresh.token);
    for (let retry = 0; retry < 3; retry++) {
      core.advance(2);
      expect(texts(await refreshed(core, refresh.token))).toEqual(texts(answer));
    }
    expect(await stateOf(core, answer.accessToken)).toBe("active");
    expect(await stateOf(core, answer.refresh.token)).toBe("active");
  });

  test("does not put off when they expire", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const answer = await refreshed(core, refresh.token);
    core.advance(10);
    const again = await refreshed(core, refresh.token);
    expect(again.expiresIn).toBe(answer.expiresIn - 10);
    expect(again.refresh.expiresIn).toBe(answer.refresh.expiresIn - 10);
    core.advance(890);
    expect(await stateOf(core, again.accessToken)).toBe("expired");
  });

  test("is possible to the end of the grace and not a millisecond longer", async () => {
    const core = await openTestCore();
    const [one, other] = [await mintedChain(core), await mintedChain(core)];
    await Promise.all([one, other].map(({ refresh }) => refreshed(core, refresh.token)));
    core.advance(10);
    expect(await refreshed(core, one.refresh.token)).toBeDefined();
    core.advance(0.001);
    expect(await refusal(refreshed(core, other.refresh.token))).toBe("invalid_grant");
    expect(core.signals).toMatchObject([{ kind: "refresh_token_reuse", detail: "predecessor_reused" }]);
  });

  test("does not re-arm the window", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const answer = await refreshed(core, refresh.token);
    core.advance(9);
    await refreshed(core, refresh.token);
    core.advance(2);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    expect(await stateOf(core, answer.refresh.token)).toBe("revoked");
  });

  test("of the first token is over once its successor has been used, even at once", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const second = await refreshed(core, refresh.token);
    const third = await refreshed(core, second.refresh.token);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    expect(core.signals).toMatchObject([{ kind: "refresh_token_reuse", detail: "stale_generation" }]);
    expect(await stateOf(core, third.accessToken)).toBe("revoked");
  });

  test("may be turned off for a client: any second use is reuse", async () => {
    const core = await openTestCore();
    changePolicy(core, "web", { refreshGrace: 0 });
    const { refresh } = await mintedChain(core);
    const answer = await refreshed(core, refresh.token);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
    expect(await stateOf(core, answer.accessToken)).toBe("revoked");
  });

  test("must ask for the same scope: another is reuse", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const answer = await refreshed(core, refresh.token, { scopes: ["read"] });
    expect(texts(await refreshed(core, refresh.token, { scopes: ["read"] }))).toEqual(texts(answer));
    expect(await refusal(refreshed(core, refresh.token, { scopes: ["write"] }))).toBe("invalid_grant");
    expect(await stateOf(core, answer.refresh.token)).toBe("revoked");
  });

  test("with another scope that could never be granted is refused, and is no retry", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const answer = await refreshed(core, refresh.token);
    expect(await refusal(refreshed(core, refresh.token, { scopes: ["admin"] }))).toBe("invalid_grant");
    expect(texts(await refreshed(core, refresh.token))).toEqual(texts(answer));
  });

  test("outlives a rotation of the MAC key between the two", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const answer = await refreshed(core, refresh.token);
    const [{ macKeys }, newKey] = [core.environment, { id: 9, key: randomBytes(32) }];
    core.environment.macKeys = { active: () => newKey, byId: async (id) => (id === 9 ? newKey.key : macKeys.byId(id)) };
    expect(texts(await refreshed(core, refresh.token))).toEqual(texts(answer));
  });
});

describe("whence a retry comes", () => {
  test("is no signal when it is whence the refresh came", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    await refreshed(core, refresh.token, HOME);
    await refreshed(core, refresh.token, HOME);
    expect(core.signals).toEqual([]);
  });

  test("is no signal when it is another address of the same network", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    await refreshed(core, refresh.token, HOME);
    await refreshed(core, refresh.token, { context: { ...HOME.context, clientIp: "192.0.2.77" } });
    expect(core.signals).toEqual([]);
  });

  test.each([
    ["another network", { clientIp: "198.51.100.2", userAgent: "app/1" }],
    ["another user agent", { clientIp: "192.0.2.1", userAgent: "curl/8" }],
    ["an unknown place", {}],
  ])("is a signal when it is %s, and the retry is answered all the same", async (_name, context) => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const answer = await refreshed(core, refresh.token, HOME);
    expect(texts(await refreshed(core, refresh.token, { context }))).toEqual(texts(answer));
    const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/);
    const signal = { kind: "refresh_retry_context_changed", severity: "info", caller: "test", clientId: "web" };
    expect(core.signals).toEqual([{ ...signal, familyFingerprint: fingerprint, subjectFingerprint: fingerprint }]);
    expect(JSON.stringify(core.signals)).not.toContain("192.0.2");
  });
});

describe("many refreshes of one token at once", () => {
  test.each(["jwt", "opaque"] as const)("yield exactly one successor (%s)", async (format) => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { format });
    const answers = await Promise.all(Array.from({ length: 50 }, () => refreshed(core, refresh.token)));
    expect(new Set(answers.map((answer) => texts(answer).join())).size).toBe(1);
    expect(core.signals).toEqual([]);
  });

  test("without grace: one succeeds, and the family dies of the others", async () => {
    const core = await openTestCore();
    changePolicy(core, "web", { refreshGrace: 0 });
    const { refresh } = await mintedChain(core);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => refreshed(core, refresh.token)));
    const answers = outcomes.filter(
      (outcome): outcome is PromiseFulfilledResult<Chain> => outcome.status === "fulfilled",
    );
    expect(answers).toHaveLength(1);
    expect(await Promise.all(answers.map(({ value }) => stateOf(core, value.accessToken)))).toEqual(["revoked"]);
  });
});

/** What a caller is told while the view is not proved: the follow protocol is played by hand, the tokens are real. */
import { describe, expect, test } from "vitest";
import { unpackMarks } from "../../src/core/revocations/marks.ts";
import type { Caller } from "../../src/core/caller.ts";
import { AssayError } from "../../src/core/error.ts";
import { caller, openTestCore, type TestCore } from "../support/core-environment.ts";
import { introspected, minted, mintedChain, refusal, stateOf } from "../support/core-requests.ts";
import { type HandDriven, handDriven, MAX_STALENESS } from "./revocations/hand-driven-store.ts";

const ALLOWANCE = 1_000_000;
const PATIENT = caller({ serveStaleForMs: MAX_STALENESS + ALLOWANCE });
const STRICT = caller();
const HERE = "log/0-0";

type StaleCore = TestCore & { view: HandDriven };

/** A core that knows tokens of each kind, and whose view was last proved `agoMs` ago. */
async function staleCore(agoMs: number) {
  const core = await openTestCore();
  const { accessToken: jwt } = await minted(core);
  const { accessToken: opaque } = await minted(core, { format: "opaque" });
  const { refresh } = await mintedChain(core);
  const tokens = { jwt, opaque, refresh: refresh.token };
  for (const token of Object.values(tokens)) expect(await stateOf(core, token)).toBe("active");
  const view = handDriven();
  view.proved(HERE, agoMs);
  core.environment.revocations = view.revocations;
  return { ...core, view, tokens };
}

/** The store does not answer whoever asks. */
function goAway({ view }: StaleCore): void {
  expect(view.asked.length).toBeGreaterThan(0);
  for (const { answer } of view.asked) answer.reject(new AssayError("store_unavailable", "the store does not answer"));
}

describe("while the store does not answer,", () => {
  test.each<[string, "jwt" | "opaque" | "refresh", Caller, number]>([
    ["a JWT, for a caller that allows no staleness", "jwt", STRICT, MAX_STALENESS + 1_000],
    ["a JWT, for a caller that allows less", "jwt", PATIENT, MAX_STALENESS + ALLOWANCE + 1_000],
    ["a JWT, where nothing was ever proved", "jwt", PATIENT, Infinity],
    ["an opaque token that is remembered", "opaque", PATIENT, MAX_STALENESS + 1_000],
    ["a refresh token", "refresh", PATIENT, MAX_STALENESS + 1_000],
  ])("%s: neither active nor inactive", async (_what, kind, as, agoMs) => {
    const core = await staleCore(agoMs);
    const refused = refusal(introspected(core, core.tokens[kind], { as }));
    await expect.poll(() => core.view.asked.length).toBe(1);
    goAway(core);
    expect(await refused).toBe("store_unavailable");
  });

  test("a JWT is answered for a caller that allows as much, with how stale the answer is", async () => {
    const core = await staleCore(MAX_STALENESS + 1_000);
    const answer = await introspected(core, core.tokens.jwt, { as: PATIENT });
    goAway(core);
    expect(answer).toMatchObject({ active: true, revision: HERE, staleForMs: expect.any(Number) });
    const staleForMs = "staleForMs" in answer ? answer.staleForMs : undefined;
    expect(staleForMs).toBeGreaterThanOrEqual(MAX_STALENESS + 1_000);
    expect(staleForMs).toBeLessThanOrEqual(PATIENT.serveStaleForMs);
  });

  test("a JWT that is known to be revoked is inactive for that caller, too", async () => {
    const core = await staleCore(MAX_STALENESS + 1_000);
    const digests = await digestsNaming(core);
    core.view.tell.takeHeld(digests.map((digest) => ({ digest })));
    expect(await stateOf(core, core.tokens.jwt, { as: PATIENT })).toBe("revoked");
  });

  test("no revision is reached by a stale answer", async () => {
    const core = await staleCore(MAX_STALENESS + 1_000);
    for (const atLeastAsFresh of [HERE, "log/1-0"]) {
      const refused = refusal(introspected(core, core.tokens.jwt, { as: PATIENT, atLeastAsFresh }));
      await expect.poll(() => core.view.asked.length).toBe(1);
      goAway(core);
      expect(await refused).toBe("store_unavailable");
      core.view.asked.length = 0;
    }
  });
});

test("a view that is doubted serves no stale answers: the store has gone back, and none knows what it lacks", async () => {
  const core = await staleCore(0);
  core.view.tell.doubted();
  const refused = refusal(introspected(core, core.tokens.jwt, { as: caller({ serveStaleForMs: 1e12 }) }));
  await expect.poll(() => core.view.asked.length).toBe(1);
  goAway(core);
  expect(await refused).toBe("store_unavailable");
});

test("the call that was served a stale answer has asked for a proof: the next is as fresh as ever", async () => {
  const core = await staleCore(MAX_STALENESS + 1_000);
  await introspected(core, core.tokens.jwt, { as: PATIENT });
  expect(core.view.asked.map(({ what }) => what)).toEqual(["proof"]);
  core.view.proved(HERE);
  core.view.asked[0]?.answer.resolve();
  expect(await introspected(core, core.tokens.jwt, { as: PATIENT })).not.toHaveProperty("staleForMs");
});

test.each(["jwt", "opaque", "refresh"] as const)(
  "a fresh view serves the %s without asking the store",
  async (kind) => {
    const core = await staleCore(0);
    const answer = await introspected(core, core.tokens[kind], { atLeastAsFresh: HERE });
    expect(answer).toMatchObject({ active: true, revision: HERE });
    expect(answer).not.toHaveProperty("staleForMs");
    expect(core.view.asked).toEqual([]);
  },
);

test("what waited for a proof is judged by what came with it", async () => {
  const core = await staleCore(MAX_STALENESS + 1_000);
  const state = stateOf(core, core.tokens.jwt, { as: STRICT });
  await expect.poll(() => core.view.asked.length).toBe(1);
  const digests = await digestsNaming(core);
  core.view.tell.takeLogged(
    digests.map((digest, index) => ({ digest, revision: `log/${index + 1}-0`, sealed: Buffer.alloc(0) })),
  );
  core.view.proved(`log/${digests.length}-0`);
  core.view.asked[0]?.answer.resolve();
  expect(await state).toBe("revoked");
});

/** Of everything by which the JWT may be revoked. */
async function digestsNaming(core: TestCore & { tokens: { jwt: { reveal(): string } } }): Promise<Buffer[]> {
  const remembered = core.environment.rememberedTokens.recall(core.tokens.jwt.reveal());
  return remembered === undefined ? [] : unpackMarks(remembered.marks).map(({ digest }) => digest);
}

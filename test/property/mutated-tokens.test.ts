import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Finding } from "../../src/core/signals/signal.ts";
import { openTestCore } from "../support/core-environment.ts";
import { mintedChain, refreshed, refusal, stateOf } from "../support/core-requests.ts";
import { foreignJwt, ownJwt } from "../support/honest-jwt.ts";
import { anything } from "./anything.ts";
import { forgeries } from "./forgery.ts";
import { GENUINE_FORMS, genuineTokens } from "./genuine-tokens.ts";
import { fuzzRuns, fuzzTimeout } from "./runs.ts";
import { type Mutation, textMutations } from "./text-mutation.ts";

/** All forms together get all the runs; the other properties come on top. */
const EACH_FORM = 1 / GENUINE_FORMS.length;
const BATCH = 1_000;

function mutations(others: readonly string[]): fc.Arbitrary<Mutation> {
  return fc.oneof({ weight: 1, arbitrary: textMutations }, { weight: 2, arbitrary: forgeries(others) });
}

/** That somebody alters tokens is a signal; that a token of ours is misused would be another. */
function isOfAToken({ tokenFingerprint, familyFingerprint }: Finding): boolean {
  return tokenFingerprint !== undefined || familyFingerprint !== undefined;
}

test.each(GENUINE_FORMS)(
  "%s that has been altered in any way is never active",
  async (form) => {
    const core = await openTestCore();
    const genuine = await genuineTokens(core);
    const token = genuine.get(form) ?? "";
    const others = [...genuine.values(), ownJwt(core, { sub: "carol" }), foreignJwt(core, { sub: "dave" })];
    const mutation = mutations(others);
    for (let left = fuzzRuns(EACH_FORM); left > 0; left -= BATCH) {
      const altered = fc.sample(mutation, Math.min(left, BATCH)).map((mutate) => mutate(token));
      const actives: string[] = [];
      for (const text of altered) {
        if (!others.includes(text) && (await stateOf(core, text)) === "active") actives.push(text);
      }
      expect(actives).toEqual([]);
    }
    expect(await stateOf(core, token)).toBe("active");
    expect(core.signals.filter(isOfAToken)).toEqual([]);
  },
  fuzzTimeout(EACH_FORM),
);

test(
  "an altered refresh token yields nothing, and leaves the family alone",
  async () => {
    const core = await openTestCore();
    const [{ refresh }, genuine] = [await mintedChain(core), await genuineTokens(core)];
    const token = refresh.token.reveal();
    const others = [token, ...genuine.values()];
    await fc.assert(
      fc.asyncProperty(mutations(others), async (mutate) => {
        const altered = mutate(token);
        fc.pre(!others.includes(altered));
        expect(await refusal(refreshed(core, altered))).toBe("invalid_grant");
      }),
      { numRuns: fuzzRuns(0.01) },
    );
    expect(core.signals.filter(isOfAToken)).toEqual([]);
    expect(await refreshed(core, token)).toMatchObject({ tokenType: "Bearer" });
  },
  fuzzTimeout(0.01),
);

test(
  "whatever is sent, it is inactive and nothing breaks",
  async () => {
    const core = await openTestCore();
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        expect(await stateOf(core, text)).not.toBe("active");
      }),
      { numRuns: fuzzRuns(0.025) },
    );
  },
  fuzzTimeout(0.025),
);

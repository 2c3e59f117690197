import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openTestCore, type TestCore } from "../support/core-environment.ts";
import { minted, mintedChain, refreshed, refusal, stateOf } from "../support/core-requests.ts";
import { foreignJwt, ownJwt } from "../support/honest-jwt.ts";
import { forgeries } from "./forgery.ts";
import { fuzzRuns } from "./runs.ts";
import { type Mutation, textMutations } from "./text-mutation.ts";

const FORMS: [string, (core: TestCore) => Promise<string>][] = [
  ["a JWT of ours", async (core) => (await minted(core)).accessToken.reveal()],
  ["a foreign JWT", async (core) => foreignJwt(core)],
  ["an opaque token", async (core) => (await minted(core, { format: "opaque" })).accessToken.reveal()],
  ["a refresh token", async (core) => (await mintedChain(core)).refresh.token.reveal()],
];

/** Genuine tokens of every form, from which parts may be taken. */
async function genuineTokens(core: TestCore): Promise<string[]> {
  const tokens = await Promise.all(FORMS.map(([, make]) => make(core)));
  return [...tokens, ownJwt(core, { sub: "carol" }), foreignJwt(core, { sub: "dave" })];
}

function mutations(others: readonly string[]): fc.Arbitrary<Mutation> {
  return fc.oneof({ weight: 1, arbitrary: textMutations }, { weight: 2, arbitrary: forgeries(others) });
}

test.each(FORMS)("%s that has been altered in any way is never active", async (_name, make) => {
  const core = await openTestCore();
  const [token, others] = [await make(core), await genuineTokens(core)];
  await fc.assert(
    fc.asyncProperty(mutations(others), async (mutate) => {
      const altered = mutate(token);
      fc.pre(altered !== token && !others.includes(altered));
      expect(await stateOf(core, altered)).not.toBe("active");
    }),
    { numRuns: fuzzRuns() },
  );
  expect(await stateOf(core, token)).toBe("active");
  expect(core.signals).toEqual([]);
});

test("an altered refresh token yields nothing, and leaves the family alone", async () => {
  const core = await openTestCore();
  const [{ refresh }, others] = [await mintedChain(core), await genuineTokens(core)];
  const token = refresh.token.reveal();
  await fc.assert(
    fc.asyncProperty(mutations(others), async (mutate) => {
      const altered = mutate(token);
      fc.pre(altered !== token && !others.includes(altered));
      expect(await refusal(refreshed(core, altered))).toBe("invalid_grant");
    }),
    { numRuns: fuzzRuns(0.2) },
  );
  expect(core.signals).toEqual([]);
  expect(await refreshed(core, token)).toMatchObject({ tokenType: "Bearer" });
});

test("whatever is sent, it is inactive and nothing breaks", async () => {
  const core = await openTestCore();
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.base64String({ maxLength: 60 }), { maxLength: 6 }).map((parts) => parts.join(".")),
    fc.array(fc.json({ maxDepth: 3 }), { minLength: 3, maxLength: 3 }).map((parts) => {
      return parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
    }),
    fc.string({ maxLength: 80 }).map((text) => `asy_at_${text}`),
    fc.string({ maxLength: 80 }).map((text) => `asy_rt_${text}`),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (text) => {
      expect(await stateOf(core, text)).not.toBe("active");
    }),
    { numRuns: fuzzRuns(0.5) },
  );
});

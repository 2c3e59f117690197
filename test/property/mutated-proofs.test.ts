import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { openTestCore } from "../support/core-environment.ts";
import { minted, stateOf } from "../support/core-requests.ts";
import { dpopProof, hashOf, makeDpopKey } from "../support/dpop.ts";
import { fuzzRuns, fuzzTimeout } from "./runs.ts";
import { textMutations } from "./text-mutation.ts";

const HTTP = { method: "GET", uri: "https://api.example/orders/1" };

test(
  "a DPoP proof that has been altered in any way proves nothing, and is not used up by it",
  async () => {
    const core = await openTestCore();
    const key = await makeDpopKey("Ed25519");
    const { accessToken } = await minted(core, { cnf: { jkt: key.jkt } });
    const claims = { htm: HTTP.method, htu: HTTP.uri, iat: core.now() / 1_000, ath: hashOf(accessToken.reveal()) };
    const proof = await dpopProof(key, claims);
    const stateWith = (dpop: string) => stateOf(core, accessToken, { proof: { dpop: new Secret(dpop), http: HTTP } });
    await fc.assert(
      fc.asyncProperty(textMutations, async (mutate) => {
        const altered = mutate(proof);
        fc.pre(altered !== proof);
        expect(await stateWith(altered)).toBe("invalid_proof");
      }),
      { numRuns: fuzzRuns(0.02) },
    );
    expect(await stateWith(proof)).toBe("active");
  },
  fuzzTimeout(0.02),
);

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { encodeOpaqueToken } from "../../src/core/token/opaque-token.ts";
import { API, caller, openTestCore, ORDERS, type TestCore } from "../support/core-environment.ts";
import { introspected, minted, revoked } from "../support/core-requests.ts";

/** How a store is read: each operation, and how many revocations it is asked for. */
function countReads(core: TestCore): { operation: string; digests: number }[] {
  const reads: { operation: string; digests: number }[] = [];
  const { store } = core.environment;
  const counted: Store = {
    ...store,
    opaqueTokens: {
      ...store.opaqueTokens,
      get(digest) {
        reads.push({ operation: "opaqueTokens.get", digests: 1 });
        return store.opaqueTokens.get(digest);
      },
    },
    revocations: {
      ...store.revocations,
      find(digests) {
        reads.push({ operation: "revocations.find", digests: digests.length });
        return store.revocations.find(digests);
      },
    },
  };
  core.environment = { ...core.environment, store: counted };
  return reads;
}

const TOKENS = {
  unknown: async () => encodeOpaqueToken(randomBytes(32)),
  expired: async (core: TestCore) => {
    const { accessToken } = await minted(core, { format: "opaque" });
    core.advance(900);
    return accessToken;
  },
  revoked: async (core: TestCore) => {
    const { accessToken } = await minted(core, { format: "opaque" });
    await revoked(core, { by: "token", token: accessToken });
    return accessToken;
  },
  audience_mismatch: async (core: TestCore) =>
    (await minted(core, { format: "opaque", audience: [ORDERS] })).accessToken,
};

test.each(["unknown", "expired", "revoked", "audience_mismatch"] as const)(
  "an opaque token that is inactive as %s is looked up once, and the revocations are read once, as for any other",
  async (outcome) => {
    const core = await openTestCore();
    const token = await TOKENS[outcome](core);
    const reads = countReads(core);
    const as = caller({ audiences: new Set([API]) });
    expect(await introspected(core, token, { as })).toMatchObject({ active: false, outcome });
    expect(reads).toEqual([
      { operation: "opaqueTokens.get", digests: 1 },
      { operation: "revocations.find", digests: 5 },
    ]);
  },
);

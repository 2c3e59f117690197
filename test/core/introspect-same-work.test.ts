import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { recogniseFrom } from "../../src/core/recognise-own.ts";
import { rememberedTokens } from "../../src/core/remembered/remembered-tokens.ts";
import { encodeOpaqueToken } from "../../src/core/token/opaque-token.ts";
import { API, caller, openTestCore, ORDERS, type TestCore } from "../support/core-environment.ts";
import { introspected, minted, revoked } from "../support/core-requests.ts";

/** How the store is read, and the view judged by: each operation, and by how many revocations a token could be named. */
function countReads(core: TestCore): { operation: string; marks: number }[] {
  const reads: { operation: string; marks: number }[] = [];
  const { store, revocations } = core.environment;
  core.environment = {
    ...core.environment,
    recogniseOwn: recogniseFrom({
      ...core.environment,
      store: {
        ...store,
        opaqueTokens: {
          ...store.opaqueTokens,
          get(digest) {
            reads.push({ operation: "opaqueTokens.get", marks: 1 });
            return store.opaqueTokens.get(digest);
          },
        },
      },
    }),
    revocations: {
      ...revocations,
      settle(revision) {
        reads.push({ operation: "revocations.settle", marks: 0 });
        return revocations.settle(revision);
      },
      nameOneOf(marks) {
        reads.push({ operation: "revocations.nameOneOf", marks: marks.count });
        return revocations.nameOneOf(marks);
      },
    },
    // As an instance that has not seen the token.
    rememberedTokens: rememberedTokens(10_000_000),
  };
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
  "an opaque token that is inactive as %s is looked up once, and judged by the view once, as any other",
  async (outcome) => {
    const core = await openTestCore();
    const token = await TOKENS[outcome](core);
    const reads = countReads(core);
    const as = caller({ audiences: new Set([API]) });
    expect(await introspected(core, token, { as })).toMatchObject({ active: false, outcome });
    expect(reads).toEqual([
      { operation: "opaqueTokens.get", marks: 1 },
      { operation: "revocations.settle", marks: 0 },
      { operation: "revocations.nameOneOf", marks: 5 },
    ]);
  },
);

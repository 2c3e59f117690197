/** A store that finds nothing may be an old primary, or one that was emptied: who is told that nothing is there was told by a whole one. */
import { expect, test } from "vitest";
import type { Authority } from "../../src/core/environment.ts";
import { AssayError } from "../../src/core/error.ts";
import { familyId } from "../../src/core/family.ts";
import { recogniseFrom } from "../../src/core/recognise-own.ts";
import { openTestCore, type TestCore } from "../support/core-environment.ts";
import { exchanged, minted, mintedChain, refreshed, refusal, revoked } from "../support/core-requests.ts";

type Call = (core: TestCore) => Promise<unknown>;

/** Of each kind a genuine one, taken before the store knew nothing any more. */
const CALLS: readonly (readonly [string, (core: TestCore) => Promise<Call>])[] = [
  [
    "a refresh",
    async (core) => {
      const { refresh } = await mintedChain(core);
      return (lost) => refreshed(lost, refresh.token);
    },
  ],
  [
    "an exchange of an opaque token",
    async (core) => {
      const { accessToken } = await minted(core, { format: "opaque" });
      return (lost) => exchanged(lost, accessToken);
    },
  ],
  [
    "a revocation of an opaque token",
    async (core) => {
      const { accessToken } = await minted(core, { format: "opaque" });
      return (lost) => revoked(lost, { by: "token", token: accessToken });
    },
  ],
];

test.for(CALLS)(
  "%s of what is not found is unavailable while the store does not prove to be whole",
  async ([, prepare]) => {
    const core = await openTestCore();
    const call = await prepare(core);
    expect(await refusal(call(emptied(core, { isWhole: false })))).toBe("store_unavailable");
  },
);

test("what a whole store does not find is refused, and revoking it is nothing", async () => {
  const core = await openTestCore();
  const [{ refresh }, { accessToken }] = [await mintedChain(core), await minted(core, { format: "opaque" })];
  const lost = emptied(core, { isWhole: true });
  expect(await refusal(refreshed(lost, refresh.token))).toBe("invalid_grant");
  expect(await refusal(exchanged(lost, accessToken))).toBe("invalid_grant");
  expect(await revoked(lost, { by: "token", token: accessToken })).toBeUndefined();
});

test("an older state of a family kills nothing while the store does not prove to be the one that counts", async () => {
  const core = await openTestCore();
  const first = await mintedChain(core);
  const id = familyId(core.environment, first.sid);
  const record = await core.environment.store.families.read(id);
  const second = await refreshed(core, first.refresh.token);
  const { store } = core.environment;
  const families = {
    ...store.families,
    read: async () => record,
    rotate: async () => ({ outcome: "beyond_current" }) as const,
  };
  const old = withEnvironment(core, { ...unproved(core.environment), store: { ...store, families } });
  expect(await refusal(refreshed(old, second.refresh.token))).toBe("store_unavailable");
  await refreshed(core, second.refresh.token);
});

function emptied(core: TestCore, { isWhole }: { isWhole: boolean }): TestCore {
  const { environment } = core;
  const store: Authority["store"] = {
    ...environment.store,
    families: { ...environment.store.families, read: async () => undefined },
    opaqueTokens: { ...environment.store.opaqueTokens, get: async () => undefined },
  };
  return withEnvironment(core, { ...(isWhole ? environment : unproved(environment)), store });
}

/** Fresh by an earlier proof, and not to be had another. */
function unproved(environment: Authority): Authority {
  return { ...environment, revocations: { ...environment.revocations, prove: refuseToProve } };
}

async function refuseToProve(): Promise<void> {
  throw new AssayError("store_unavailable", "the store does not answer");
}

function withEnvironment(core: TestCore, environment: Authority): TestCore {
  const recogniseOwn: Authority["recogniseOwn"] = async (asking, token) => recogniseFrom(environment)(asking, token);
  return { ...core, environment: { ...environment, recogniseOwn } };
}

import { generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { recogniseFrom } from "../../src/core/recognise-own.ts";
import { rememberedTokens } from "../../src/core/remembered/remembered-tokens.ts";
import { Secret } from "../../src/core/secret.ts";
import { caller, FOREIGN, openTestCore, ORDERS, type TestCore } from "../support/core-environment.ts";
import { introspected, minted, mintedChain, refreshed, revoked, stateOf } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";

type Watched = TestCore & {
  /** What recognising cost so far: signatures that were checked, records that were read. */
  work: string[];
};

function watched(core: TestCore): Watched {
  const work: string[] = [];
  const { environment } = core;
  const { store, signatureChecks } = environment;
  core.environment = {
    ...environment,
    signatureChecks: (call, check) => {
      work.push("signature");
      return signatureChecks(call, check);
    },
    recogniseOwn: recogniseFrom({
      ...environment,
      store: {
        ...store,
        opaqueTokens: {
          ...store.opaqueTokens,
          get: (digest) => {
            work.push("record");
            return store.opaqueTokens.get(digest);
          },
        },
        families: {
          ...store.families,
          read: (id) => {
            work.push("family");
            return store.families.read(id);
          },
        },
      },
    }),
  };
  return Object.assign(core, { work });
}

async function watchedCore(): Promise<Watched> {
  return watched(await openTestCore());
}

const TOKENS: [string, string, (core: TestCore) => Promise<Secret>][] = [
  ["a JWT of ours", "signature", async (core) => (await minted(core)).accessToken],
  ["a JWT of a foreign issuer", "signature", async (core) => new Secret(foreignJwt(core))],
  ["an opaque token", "record", async (core) => (await minted(core, { format: "opaque" })).accessToken],
];

describe.each(TOKENS)("%s that was recognised", (_what, effort, make) => {
  test("is recognised again without a signature check or a look into the store, and answered alike", async () => {
    const core = await watchedCore();
    const token = await make(core);
    const first = await introspected(core, token);
    expect(core.work).toEqual([effort]);
    for (let count = 0; count < 3; count++) expect(await introspected(core, token)).toEqual(first);
    expect(first).toMatchObject({ active: true });
    expect(core.work).toEqual([effort]);
  });

  test("is recognised once for all who ask while it is seen for the first time, and answered alike", async () => {
    const core = await watchedCore();
    const token = await make(core);
    const answers = await Promise.all(Array.from({ length: 50 }, () => introspected(core, token)));
    expect(core.work).toEqual([effort]);
    expect(answers[0]).toMatchObject({ active: true });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test("is judged by each who asks, though they share its first sight", async () => {
    const core = await watchedCore();
    const token = await make(core);
    const others = caller({ audiences: new Set([ORDERS]) });
    const states = await Promise.all([
      stateOf(core, token),
      stateOf(core, token, { as: others }),
      stateOf(core, token),
    ]);
    expect(states).toEqual(["active", "audience_mismatch", "active"]);
    expect(core.work).toEqual([effort]);
  });

  test("is inactive as soon as it is revoked", async () => {
    const core = await watchedCore();
    const token = await make(core);
    for (let time = 0; time < 3; time++) expect(await stateOf(core, token)).toBe("active");
    await revoked(core, { by: "token", token: await make(core) });
    for (let time = 0; time < 3; time++) expect(await stateOf(core, token)).toBe("active");
    await revoked(core, { by: "token", token });
    for (let time = 0; time < 3; time++) expect(await stateOf(core, token)).toBe("revoked");
  });

  test("is inactive as soon as it has expired", async () => {
    const core = await watchedCore();
    const token = await make(core);
    expect(await stateOf(core, token)).toBe("active");
    core.advance(3_600);
    expect(await stateOf(core, token)).toBe("expired");
    expect(core.work).toEqual([effort]);
  });

  test("is recognised anew where the policy is another: nothing that was remembered is known to it", async () => {
    const core = await watchedCore();
    const token = await make(core);
    await stateOf(core, token);
    core.environment.rememberedTokens = rememberedTokens(100_000);
    expect(await stateOf(core, token)).toBe("active");
    expect(core.work).toEqual([effort, effort]);
  });
});

describe("a remembered token dies with the key set that admitted it:", () => {
  test("one of ours is inactive when its key has gone", async () => {
    const core = await watchedCore();
    const { accessToken } = await minted(core);
    expect(await stateOf(core, accessToken)).toBe("active");
    Object.assign(core.environment.keyring, { inUse: () => ({}), verificationKey: async () => undefined });
    expect(await stateOf(core, accessToken)).toBe("unknown_key");
  });

  test("one of ours is verified anew where its key is in the new set, too", async () => {
    const core = await watchedCore();
    const { accessToken } = await minted(core);
    await stateOf(core, accessToken);
    const { keyring } = core.environment;
    const next = {};
    const found = await keyring.verificationKey("own");
    Object.assign(keyring, { inUse: () => next, verificationKey: async () => found && { ...found, in: next } });
    for (let count = 0; count < 3; count++) expect(await stateOf(core, accessToken)).toBe("active");
    expect(core.work).toEqual(["signature", "signature"]);
  });

  test.each<[string, () => object | undefined]>([
    ["its issuer publishes another key by that name", () => ({})],
    ["it is not known whether its issuer's keys are still the same", () => undefined],
  ])("a foreign one is verified anew where %s", async (_what, inUse) => {
    const core = await watchedCore();
    const token = foreignJwt(core);
    expect(await stateOf(core, token)).toBe("active");
    const issuer = core.environment.issuers.get(FOREIGN);
    const other = await generateKeyPair("ES256");
    Object.assign(issuer?.keys ?? {}, {
      inUse,
      find: async () => ({ key: other.publicKey, kid: "foreign", in: other }),
    });
    expect(await stateOf(core, token)).toBe("bad_signature");
  });
});

describe("a refresh token is never remembered:", () => {
  test("its family is read each time", async () => {
    const core = await watchedCore();
    const { refresh } = await mintedChain(core);
    for (let count = 0; count < 3; count++) expect(await stateOf(core, refresh.token)).toBe("active");
    expect(core.work).toEqual(["family", "family", "family"]);
    expect(core.environment.rememberedTokens.size).toBe(0);
  });

  test("it is superseded as soon as it has been used", async () => {
    const core = await watchedCore();
    const { refresh } = await mintedChain(core);
    expect(await stateOf(core, refresh.token)).toBe("active");
    await refreshed(core, refresh.token);
    expect(await stateOf(core, refresh.token)).toBe("superseded");
  });
});

test("what is not genuine is not remembered", async () => {
  const core = await watchedCore();
  const { accessToken } = await minted(core, { format: "opaque" });
  const { accessToken: jwt } = await minted(core);
  for (const token of [accessToken.reveal(), jwt.reveal(), "x"]) await stateOf(core, `${token}x`);
  expect(core.environment.rememberedTokens.size).toBe(0);
});

test("what is genuine and not active is not remembered: the next answer must take as long as one about what was never made", async () => {
  const core = await watchedCore();
  const { accessToken } = await minted(core, { format: "opaque" });
  expect(await stateOf(core, accessToken, { audience: ["https://orders.example"] })).toBe("audience_mismatch");
  await revoked(core, { by: "token", token: accessToken });
  expect(await stateOf(core, accessToken)).toBe("revoked");
  expect(core.environment.rememberedTokens.size).toBe(0);
});

test("what another may see is remembered for none but as itself: each caller is judged by its own reach", async () => {
  const core = await watchedCore();
  const { accessToken } = await minted(core);
  expect(await stateOf(core, accessToken)).toBe("active");
  expect(await stateOf(core, accessToken, { audience: ["https://orders.example"] })).toBe("audience_mismatch");
});

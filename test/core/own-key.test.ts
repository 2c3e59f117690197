import { randomBytes } from "node:crypto";
import { generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import type { SigningKey } from "../../src/core/ports.ts";
import { FOREIGN, openTestCore, type TestCore } from "../support/core-environment.ts";
import { minted, mintedChain, refreshed, revoked, stateOf } from "../support/core-requests.ts";

/** A core whose keyring has successors, which it brings into use only when it is told to take over. */
async function coreWithSuccessors(): Promise<TestCore & { takenOver: () => number }> {
  const core = await openTestCore();
  const { keyring, macKeys } = core.environment;
  const pair = await generateKeyPair("EdDSA");
  const next: SigningKey = { kid: "successor", alg: "EdDSA", privateKey: pair.privateKey };
  const nextMac = { id: 8, key: randomBytes(32) };
  let takenOver = 0;
  core.environment.keyring = {
    ...keyring,
    active: () => (takenOver > 0 ? next : keyring.active()),
    verificationKey: async (kid) =>
      kid === next.kid ? { ...pair, alg: "EdDSA", in: pair } : keyring.verificationKey(kid),
    takeOver: async () => void (takenOver += 1),
  };
  core.environment.macKeys = {
    active: () => (takenOver > 0 ? nextMac : macKeys.active()),
    byId: async (id) => (id === nextMac.id ? nextMac.key : macKeys.byId(id)),
  };
  return { ...core, takenOver: () => takenOver };
}

/** As by another instance: this one has not heard of it. */
async function revokedElsewhere(core: TestCore, kid: string): Promise<void> {
  const deaf = { ...core.environment.keyring, takeOver: async () => undefined };
  await revoked({ ...core, environment: { ...core.environment, keyring: deaf } }, { by: "key_id", kid });
}

describe("a key that was revoked a moment ago at another instance", () => {
  test("signs nothing more: its successor does", async () => {
    const core = await coreWithSuccessors();
    const before = await minted(core);
    await revokedElsewhere(core, "own");
    expect(core.takenOver()).toBe(0);
    expect(await stateOf(core, (await minted(core)).accessToken)).toBe("active");
    expect(await stateOf(core, before.accessToken)).toBe("revoked");
    expect(core.takenOver()).toBe(1);
  });

  test("makes no refresh token more, neither first nor next", async () => {
    const core = await coreWithSuccessors();
    const other = await mintedChain(core);
    await revokedElsewhere(core, "mac-00000007");
    const { refresh } = await mintedChain(core);
    expect(await stateOf(core, refresh.token)).toBe("active");
    expect(await stateOf(core, (await refreshed(core, refresh.token)).refresh.token)).toBe("active");
    expect(await stateOf(core, other.refresh.token)).toBe("revoked");
  });
});

describe("revoking a key", () => {
  test("of ours has the keyring replace it before the call returns", async () => {
    const core = await coreWithSuccessors();
    await revoked(core, { by: "key_id", kid: "own" });
    expect(core.takenOver()).toBe(1);
  });

  test("of a foreign issuer leaves our keyring alone", async () => {
    const core = await coreWithSuccessors();
    await revoked(core, { by: "key_id", iss: FOREIGN, kid: "foreign" });
    expect(core.takenOver()).toBe(0);
  });
});

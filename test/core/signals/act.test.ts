import { expect, test } from "vitest";
import type { PresentedProof } from "../../../src/core/proof/presented-proof.ts";
import { Secret } from "../../../src/core/secret.ts";
import { caller, openTestCore, START, type TestCore } from "../../support/core-environment.ts";
import { minted, mintedChain, stateOf } from "../../support/core-requests.ts";
import { dpopProof, hashOf, makeDpopKey } from "../../support/dpop.ts";

const [OURS, THEIRS] = [hashOf("the certificate"), hashOf("another")];
const HTTP = { method: "GET", uri: "https://api.example/orders/1" };

async function acting(): Promise<TestCore> {
  const core = await openTestCore();
  core.environment.actions = new Map([["proof_of_another_key", "revoke_token"]]);
  return core;
}

async function proofOfAnotherKey(token?: Secret): Promise<PresentedProof> {
  const ath = token === undefined ? {} : { ath: hashOf(token.reveal()) };
  const claims = { htm: HTTP.method, htu: HTTP.uri, iat: START / 1_000, ...ath };
  return { dpop: new Secret(await dpopProof(await makeDpopKey(), claims)), http: HTTP };
}

test("a token is revoked for a DPoP proof of another key, whoever forwards it", async () => {
  const core = await acting();
  const { accessToken } = await minted(core, { cnf: { jkt: OURS } });
  await stateOf(core, accessToken, { proof: await proofOfAnotherKey(accessToken) });
  expect(core.acts).toMatchObject([{ action: "revoke_token", cause: "proof_of_another_key" }]);
});

test("a refresh token is revoked with its family", async () => {
  const core = await acting();
  const { refresh, sid } = await mintedChain(core, { cnf: { jkt: OURS } });
  await stateOf(core, refresh.token, { proof: await proofOfAnotherKey() });
  expect(core.acts).toMatchObject([{ action: "revoke_family", suspect: { sid } }]);
});

test("for another certificate, which a caller could make up, one is revoked for trusted callers alone", async () => {
  const core = await acting();
  const proof = { clientCertificate: THEIRS };
  const tokenOf = async () => (await minted(core, { cnf: { "x5t#S256": OURS } })).accessToken;
  await stateOf(core, await tokenOf(), { proof });
  expect(core.signals).toMatchObject([{ kind: "proof_of_another_key" }]);
  expect(core.acts).toEqual([]);
  await stateOf(core, await tokenOf(), { proof, as: caller({ isContextTrusted: true }) });
  expect(core.acts).toMatchObject([{ action: "revoke_token" }]);
});

test("a caller that forwards no certificate, and has one of its own, says nothing of its client's", async () => {
  const core = await acting();
  const { accessToken } = await minted(core, { cnf: { "x5t#S256": OURS } });
  expect(await stateOf(core, accessToken, { proof: { callerCertificate: THEIRS } })).toBe("invalid_proof");
  expect(core.signals).toEqual([]);
});

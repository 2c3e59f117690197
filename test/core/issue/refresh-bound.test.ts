import { beforeAll, describe, expect, test } from "vitest";
import type { Issued } from "../../../src/core/issue/issued.ts";
import type { PresentedProof } from "../../../src/core/proof/presented-proof.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Confirmation } from "../../../src/core/token/claims.ts";
import { changePolicy, openTestCore, type TestCore } from "../../support/core-environment.ts";
import {
  introspected,
  minted,
  mintedChain,
  refreshed,
  refusal,
  revoked,
  stateOf,
} from "../../support/core-requests.ts";
import { type DpopKey, dpopProof, hashOf, makeDpopKey } from "../../support/dpop.ts";

const HTTP = { method: "POST", uri: "https://auth.example/token" };
const [CERTIFICATE, OTHER_CERTIFICATE] = [hashOf("one"), hashOf("other")];

let own: DpopKey;
let other: DpopKey;
beforeAll(async () => {
  [own, other] = await Promise.all([makeDpopKey(), makeDpopKey()]);
});

async function proofBy(core: TestCore, key: DpopKey, claims: object = {}): Promise<PresentedProof> {
  const honest = { htm: HTTP.method, htu: HTTP.uri, iat: Math.floor(core.now() / 1_000) };
  return { dpop: new Secret(await dpopProof(key, { ...honest, ...claims })), http: HTTP };
}

async function publicCore(): Promise<TestCore> {
  const core = await openTestCore();
  changePolicy(core, "web", { isPublic: true });
  return core;
}

/** What the new access token is bound to, whatever proves it. */
async function bindingOf(core: TestCore, issued: Issued): Promise<Confirmation | undefined> {
  const proofs: PresentedProof[] = [{ clientCertificate: CERTIFICATE }, { clientCertificate: OTHER_CERTIFICATE }];
  for (const key of [own, other]) {
    const proof = await proofBy(core, key, {
      htm: "GET",
      htu: "https://api.example/",
      ath: hashOf(issued.accessToken.reveal()),
    });
    proofs.push({ ...proof, http: { method: "GET", uri: "https://api.example/" } });
  }
  for (const proof of proofs) {
    const answer = await introspected(core, issued.accessToken, { proof });
    if (answer.active) return answer.claims.cnf;
  }
  throw new Error("the token is active with no proof that is known here");
}

describe("a public client's bound refresh token", () => {
  test("yields tokens bound to the same key, generation by generation", async () => {
    const core = await publicCore();
    const first = await mintedChain(core, { cnf: { jkt: own.jkt } });
    const second = await refreshed(core, first.refresh.token, { proof: await proofBy(core, own) });
    const third = await refreshed(core, second.refresh.token, { proof: await proofBy(core, own) });
    expect(third.tokenType).toBe("DPoP");
    expect(await bindingOf(core, third)).toEqual({ jkt: own.jkt });
  });

  test.each<[string, (core: TestCore) => Promise<PresentedProof> | PresentedProof, string[]?]>([
    ["no proof", () => ({})],
    ["another key's proof", (core) => proofBy(core, other), ["proof_of_another_key"]],
    ["a certificate", () => ({ clientCertificate: CERTIFICATE })],
    ["the certificate of the caller", () => ({ callerCertificate: CERTIFICATE })],
    ["a proof for another method", (core) => proofBy(core, own, { htm: "GET" })],
    ["a proof that is too old", (core) => proofBy(core, own, { iat: core.now() / 1_000 - 61 })],
    ["garbage", () => ({ dpop: new Secret("garbage"), http: HTTP })],
  ])("is refused with %s, and unharmed", async (_name, make, found = []) => {
    const core = await publicCore();
    const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt } });
    expect(await refusal(refreshed(core, refresh.token, { proof: await make(core) }))).toBe("invalid_proof");
    expect(core.signals.map(({ kind }) => kind)).toEqual(found);
    await refreshed(core, refresh.token, { proof: await proofBy(core, own) });
  });

  test("bound to a certificate is good with that one only", async () => {
    const core = await publicCore();
    const { refresh } = await mintedChain(core, { cnf: { "x5t#S256": CERTIFICATE } });
    const wrong = refreshed(core, refresh.token, { proof: { clientCertificate: OTHER_CERTIFICATE } });
    expect(await refusal(wrong)).toBe("invalid_proof");
    const next = await refreshed(core, refresh.token, { proof: { clientCertificate: CERTIFICATE } });
    expect(await bindingOf(core, next)).toEqual({ "x5t#S256": CERTIFICATE });
  });
});

describe("a confidential client's bound refresh token", () => {
  test("yields an access token bound to the key that is proved, which may be a new one", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core, { cnf: { jkt: own.jkt } });
    const second = await refreshed(core, first.refresh.token, { proof: await proofBy(core, other) });
    expect(await bindingOf(core, second)).toEqual({ jkt: other.jkt });
    const third = await refreshed(core, second.refresh.token, { proof: { clientCertificate: CERTIFICATE } });
    expect(await bindingOf(core, third)).toEqual({ "x5t#S256": CERTIFICATE });
  });

  test("never yields an unbound one", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt } });
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_proof");
    const next = await refreshed(core, refresh.token, { proof: { callerCertificate: CERTIFICATE } });
    expect(await bindingOf(core, next)).toEqual({ "x5t#S256": CERTIFICATE });
    expect(await refusal(refreshed(core, next.refresh.token))).toBe("invalid_proof");
  });
});

describe("an unbound refresh token", () => {
  test("with a proof yields a bound access token, and stays unbound itself", async () => {
    const core = await openTestCore();
    const first = await mintedChain(core);
    const second = await refreshed(core, first.refresh.token, { proof: await proofBy(core, own) });
    expect(await bindingOf(core, second)).toEqual({ jkt: own.jkt });
    const third = await refreshed(core, second.refresh.token);
    expect(third.tokenType).toBe("Bearer");
  });

  test("is not bound to the certificate of the caller, which is not the client's", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const next = await refreshed(core, refresh.token, { proof: { callerCertificate: CERTIFICATE } });
    expect(await stateOf(core, next.accessToken)).toBe("active");
  });

  test("with a bad proof is refused, and unharmed", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core);
    const bad = refreshed(core, refresh.token, { proof: await proofBy(core, own, { htu: "https://evil.example/" }) });
    expect(await refusal(bad)).toBe("invalid_proof");
    expect(await stateOf(core, refresh.token)).toBe("active");
  });
});

describe("a retry", () => {
  test("with a fresh proof of the same key gets the same tokens", async () => {
    const core = await publicCore();
    const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt }, format: "opaque" });
    const first = await refreshed(core, refresh.token, { proof: await proofBy(core, own) });
    const retry = await refreshed(core, refresh.token, { proof: await proofBy(core, own) });
    expect(retry.accessToken.reveal()).toBe(first.accessToken.reveal());
    expect(retry.refresh.token.reveal()).toBe(first.refresh.token.reveal());
  });

  test("with the very proof is refused, unless it is the caller's own under one request id", async () => {
    const core = await publicCore();
    const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt } });
    const proof = { ...(await proofBy(core, own)), requestId: "r-1" };
    const first = await refreshed(core, refresh.token, { proof });
    const retry = await refreshed(core, refresh.token, { proof });
    expect(retry.refresh.token.reveal()).toBe(first.refresh.token.reveal());
    expect(await refusal(refreshed(core, refresh.token, { proof: { ...proof, requestId: "r-2" } }))).toBe(
      "invalid_proof",
    );
  });

  test("with another key is no retry: the family dies", async () => {
    const core = await openTestCore();
    const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt } });
    const next = await refreshed(core, refresh.token, { proof: await proofBy(core, own) });
    expect(await refusal(refreshed(core, refresh.token, { proof: await proofBy(core, other) }))).toBe("invalid_grant");
    expect(core.signals).toMatchObject([{ kind: "refresh_token_reuse", detail: "predecessor_reused" }]);
    expect(await stateOf(core, next.accessToken)).toBe("revoked");
  });
});

describe("a refresh token that is refused itself", () => {
  test("is an invalid grant whatever is proved, and uses no proof up", async () => {
    const core = await publicCore();
    const [one, two] = [
      await mintedChain(core, { cnf: { jkt: own.jkt } }),
      await mintedChain(core, { cnf: { jkt: own.jkt } }),
    ];
    await revoked(core, { by: "sid", sid: one.sid });
    const proof = await proofBy(core, own);
    expect(await refusal(refreshed(core, one.refresh.token))).toBe("invalid_grant");
    expect(await refusal(refreshed(core, one.refresh.token, { proof }))).toBe("invalid_grant");
    await refreshed(core, two.refresh.token, { proof });
  });

  test("by its age kills its family even without a proof: it has been stolen, or kept too long", async () => {
    const core = await publicCore();
    const first = await mintedChain(core, { cnf: { jkt: own.jkt } });
    const second = await refreshed(core, first.refresh.token, { proof: await proofBy(core, own) });
    await refreshed(core, second.refresh.token, { proof: await proofBy(core, own) });
    expect(await refusal(refreshed(core, first.refresh.token))).toBe("invalid_grant");
    expect(core.signals).toMatchObject([{ kind: "refresh_token_reuse", detail: "stale_generation" }]);
  });

  test("is expired without a proof too", async () => {
    const core = await publicCore();
    const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt } });
    core.advance(7 * 86_400);
    expect(await refusal(refreshed(core, refresh.token))).toBe("invalid_grant");
  });
});

test("where nonces are required a refresh without one is told which to use", async () => {
  const core = await publicCore();
  core.environment.dpop = { maxAge: 60, requireNonce: true };
  const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt } });
  const refused = refreshed(core, refresh.token, { proof: await proofBy(core, own) });
  await expect(refused).rejects.toMatchObject({ code: "use_dpop_nonce", metadata: { dpop_nonce: expect.any(String) } });
  const error: unknown = await refused.catch((cause: unknown) => cause);
  const nonce = error instanceof Error && "metadata" in error ? Object.values(error.metadata ?? {})[0] : undefined;
  await refreshed(core, refresh.token, { proof: await proofBy(core, own, { nonce }) });
});

test("a proof of its key at mint is not asked for: mint is told the key", async () => {
  const core = await openTestCore();
  expect((await minted(core, { cnf: { jkt: own.jkt } })).tokenType).toBe("DPoP");
});

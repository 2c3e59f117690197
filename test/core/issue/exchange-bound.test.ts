import { beforeAll, describe, expect, test } from "vitest";
import type { PresentedProof } from "../../../src/core/proof/presented-proof.ts";
import { Secret } from "../../../src/core/secret.ts";
import { changePolicy, openTestCore } from "../../support/core-environment.ts";
import { exchanged, introspected, minted, refusal, revoked, stateOf } from "../../support/core-requests.ts";
import { type DpopKey, dpopProof, hashOf, makeDpopKey } from "../../support/dpop.ts";

const HTTP = { method: "POST", uri: "https://auth.example/token" };
const CERTIFICATE = hashOf("the certificate of the exchanging client");
const START = Date.UTC(2026, 0, 1) / 1_000;

let users: DpopKey;
let services: DpopKey;
beforeAll(async () => {
  [users, services] = await Promise.all([makeDpopKey(), makeDpopKey()]);
});

async function proofBy(key: DpopKey, claims: object = {}): Promise<PresentedProof> {
  const honest = { htm: HTTP.method, htu: HTTP.uri, iat: START };
  return { dpop: new Secret(await dpopProof(key, { ...honest, ...claims })), http: HTTP };
}

describe("a bound subject token", () => {
  test("is traded for one bound to the DPoP key of the client that exchanges it", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { cnf: { jkt: users.jkt } });
    const traded = await exchanged(core, accessToken, { proof: await proofBy(services) });
    expect(traded.tokenType).toBe("DPoP");
    const ath = hashOf(traded.accessToken.reveal());
    expect(await stateOf(core, traded.accessToken, { proof: await proofBy(users, { ath }) })).toBe("invalid_proof");
    expect(await stateOf(core, traded.accessToken, { proof: await proofBy(services, { ath }) })).toBe("active");
  });

  test.each(["clientCertificate", "callerCertificate"] as const)(
    "is traded for one bound to its %s",
    async (member) => {
      const core = await openTestCore();
      const { accessToken } = await minted(core, { cnf: { jkt: users.jkt } });
      const traded = await exchanged(core, accessToken, { proof: { [member]: CERTIFICATE } });
      expect(await introspected(core, traded.accessToken, { proof: { clientCertificate: CERTIFICATE } })).toMatchObject(
        {
          claims: { cnf: { "x5t#S256": CERTIFICATE } },
        },
      );
      expect(await stateOf(core, traded.accessToken)).toBe("proof_required");
    },
  );

  test("is not traded without a proof, with a bad one, or with a used one", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { cnf: { jkt: users.jkt } });
    const proof = await proofBy(services);
    await exchanged(core, accessToken, { proof });
    for (const bad of [{}, await proofBy(services, { htm: "GET" }), proof])
      expect(await refusal(exchanged(core, accessToken, { proof: bad }))).toBe("invalid_proof");
  });

  test("is not traded by a public client but with its own key: it could be anybody's", async () => {
    const core = await openTestCore();
    changePolicy(core, "web", { isPublic: true });
    const { accessToken } = await minted(core, { cnf: { jkt: users.jkt } });
    const trade = async (key: DpopKey) => exchanged(core, accessToken, { clientId: "web", proof: await proofBy(key) });
    expect(await refusal(trade(services))).toBe("invalid_proof");
    expect((await trade(users)).tokenType).toBe("DPoP");
  });

  test("that is revoked is an invalid grant, and uses no proof up", async () => {
    const core = await openTestCore();
    const [one, two] = [await minted(core, { cnf: { jkt: users.jkt } }), await minted(core)];
    await revoked(core, { by: "token", token: one.accessToken });
    const proof = await proofBy(services);
    expect(await refusal(exchanged(core, one.accessToken, { proof }))).toBe("invalid_grant");
    expect((await exchanged(core, two.accessToken, { proof })).tokenType).toBe("DPoP");
  });
});

describe("an unbound subject token", () => {
  test("is traded for one bound to what is proved", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    expect((await exchanged(core, accessToken, { proof: await proofBy(services) })).tokenType).toBe("DPoP");
    const certified = await exchanged(core, accessToken, { proof: { clientCertificate: CERTIFICATE } });
    expect(await stateOf(core, certified.accessToken)).toBe("proof_required");
  });

  test("is not bound to the certificate of the caller", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    const traded = await exchanged(core, accessToken, { proof: { callerCertificate: CERTIFICATE } });
    expect(await stateOf(core, traded.accessToken)).toBe("active");
  });
});

test("where nonces are required an exchange without one is told which to use", async () => {
  const core = await openTestCore();
  core.environment.dpop = { maxAge: 60, requireNonce: true };
  const { accessToken } = await minted(core);
  expect(await refusal(exchanged(core, accessToken, { proof: await proofBy(services) }))).toBe("use_dpop_nonce");
});

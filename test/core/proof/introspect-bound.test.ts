import { beforeAll, describe, expect, test } from "vitest";
import type { PresentedProof } from "../../../src/core/proof/presented-proof.ts";
import { Secret } from "../../../src/core/secret.ts";
import { caller, callerWithout, ORDERS, openTestCore, START, type TestCore } from "../../support/core-environment.ts";
import { introspected, minted, mintedChain, revoked, stateOf } from "../../support/core-requests.ts";
import { type DpopKey, dpopProof, hashOf, makeDpopKey } from "../../support/dpop.ts";
import { foreignJwt } from "../../support/honest-jwt.ts";

const HTTP = { method: "GET", uri: "https://api.example/orders/1" };
const CERTIFICATE = hashOf("the certificate");

let own: DpopKey;
let other: DpopKey;
beforeAll(async () => {
  [own, other] = await Promise.all([makeDpopKey(), makeDpopKey()]);
});

/** What an honest client sends with the token; `claims` replace what its proof says. */
async function proofFor(token: Secret | string, claims: object = {}, key = own): Promise<PresentedProof> {
  const ath = hashOf(typeof token === "string" ? token : token.reveal());
  const honest = { htm: HTTP.method, htu: HTTP.uri, iat: START / 1_000, ath };
  return { dpop: new Secret(await dpopProof(key, { ...honest, ...claims })), http: HTTP };
}

function bound(core: TestCore) {
  return minted(core, { cnf: { jkt: own.jkt } });
}

async function withNonces(): Promise<TestCore> {
  const core = await openTestCore();
  core.environment.dpop = { maxAge: 60, requireNonce: true };
  return core;
}

describe("a token bound to a DPoP key", () => {
  test.each(["jwt", "opaque"] as const)("is active with a proof of it, as %s", async (format) => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { format, cnf: { jkt: own.jkt } });
    expect(await stateOf(core, accessToken, { proof: await proofFor(accessToken) })).toBe("active");
  });

  test("is inactive without a proof, with another key's, another token's, or another request's", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    expect(await stateOf(core, accessToken)).toBe("proof_required");
    expect(await stateOf(core, accessToken, { proof: { clientCertificate: CERTIFICATE } })).toBe("proof_required");
    for (const [claims, key] of [
      [{}, other],
      [{ ath: hashOf("another") }, own],
      [{ htm: "POST" }, own],
    ] as const) {
      const proof = await proofFor(accessToken, claims, key);
      expect(await stateOf(core, accessToken, { proof })).toBe("invalid_proof");
    }
  });

  test("is inactive where the caller does not say the request", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const { http: _unsaid, ...proof } = await proofFor(accessToken);
    expect(await stateOf(core, accessToken, { proof })).toBe("invalid_proof");
  });

  test("is inactive when the proof is used again, and active with a new one", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const proof = await proofFor(accessToken);
    expect(await stateOf(core, accessToken, { proof })).toBe("active");
    expect(await stateOf(core, accessToken, { proof })).toBe("proof_replayed");
    expect(await stateOf(core, accessToken, { proof: await proofFor(accessToken) })).toBe("active");
  });

  test("is inactive when the proof is used again in another spelling, its signature being malleable", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const proof = await proofFor(accessToken);
    expect(await stateOf(core, accessToken, { proof })).toBe("active");
    const twin = new Secret(withOtherSignature(proof.dpop?.reveal() ?? ""));
    expect(await stateOf(core, accessToken, { proof: { ...proof, dpop: twin } })).toBe("proof_replayed");
  });

  test("is active for the caller's own retry, whose request id is that of no other request", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const proof = { ...(await proofFor(accessToken)), requestId: "r-1" };
    const ask = (changes: Partial<PresentedProof>) => stateOf(core, accessToken, { proof: { ...proof, ...changes } });
    expect([await ask({}), await ask({}), await ask({ requestId: "r-2" })]).toEqual([
      "active",
      "active",
      "proof_replayed",
    ]);
  });

  test("is active once for each caller: a proxy asks, and the service behind it", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const proof = await proofFor(accessToken);
    const states = [];
    for (const name of ["proxy", "service", "proxy", "service"])
      states.push(await stateOf(core, accessToken, { proof, as: caller({ name }) }));
    expect(states).toEqual(["active", "active", "proof_replayed", "proof_replayed"]);
  });

  test("of 20 uses of one proof at once is active for one", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const proof = await proofFor(accessToken);
    const states = await Promise.all(Array.from({ length: 20 }, () => stateOf(core, accessToken, { proof })));
    expect(states.filter((state) => state === "active")).toHaveLength(1);
  });

  test("keeps its proof unused while anything else is wrong", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const proof = await proofFor(accessToken);
    const elsewhere = caller({ audiences: new Set([ORDERS]) });
    expect(await stateOf(core, accessToken, { proof, as: elsewhere })).toBe("audience_mismatch");
    expect(await stateOf(core, accessToken, { proof, requiredScopes: ["admin"] })).toBe("insufficient_scope");
    expect(await stateOf(core, accessToken, { proof })).toBe("active");
  });

  test("that is revoked or expired is so whatever is proved", async () => {
    const core = await openTestCore();
    const [one, another] = [await bound(core), await bound(core)];
    await revoked(core, { by: "token", token: one.accessToken });
    expect(await stateOf(core, one.accessToken, { proof: await proofFor(one.accessToken) })).toBe("revoked");
    core.advance(900);
    const iat = core.now() / 1_000;
    expect(await stateOf(core, another.accessToken, { proof: await proofFor(another.accessToken, { iat }) })).toBe(
      "expired",
    );
  });

  test("is answered with nothing but inactive to a caller that may not diagnose", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    const as = callerWithout("diagnose");
    expect(await introspected(core, accessToken, { as })).toEqual({ active: false, outcome: "proof_required" });
  });
});

describe("a nonce, where it is required,", () => {
  test("is offered with a challenge, and makes the next proof good", async () => {
    const core = await withNonces();
    const { accessToken } = await bound(core);
    const answer = await introspected(core, accessToken, {
      proof: await proofFor(accessToken),
      as: callerWithout("diagnose"),
    });
    expect(answer).toMatchObject({ active: false, outcome: "nonce_required", challenge: "use_dpop_nonce" });
    const nonce = "dpopNonce" in answer ? answer.dpopNonce : undefined;
    expect(await stateOf(core, accessToken, { proof: await proofFor(accessToken, { nonce }) })).toBe("active");
    core.advance(121);
    const late = await proofFor(accessToken, { nonce, iat: core.now() / 1_000 });
    expect(await stateOf(core, accessToken, { proof: late })).toBe("nonce_required");
  });

  test("is offered to nobody who lacks the key, the scope or the audience", async () => {
    const core = await withNonces();
    const { accessToken } = await bound(core);
    const proof = await proofFor(accessToken);
    const answers = [
      await introspected(core, accessToken, { proof: await proofFor(accessToken, {}, other) }),
      await introspected(core, accessToken, { proof, requiredScopes: ["admin"] }),
      await introspected(core, accessToken, { proof, as: caller({ audiences: new Set([ORDERS]) }) }),
    ];
    for (const answer of answers) expect(answer).not.toHaveProperty("dpopNonce");
  });

  test("that was not required is not looked at", async () => {
    const core = await openTestCore();
    const { accessToken } = await bound(core);
    expect(await stateOf(core, accessToken, { proof: await proofFor(accessToken, { nonce: "anything" }) })).toBe(
      "active",
    );
  });
});

describe("a token bound to a certificate", () => {
  test("is active with that certificate, forwarded or the caller's own, any number of times", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { cnf: { "x5t#S256": CERTIFICATE } });
    for (const proof of [{ clientCertificate: CERTIFICATE }, { callerCertificate: CERTIFICATE }]) {
      expect(await stateOf(core, accessToken, { proof })).toBe("active");
      expect(await stateOf(core, accessToken, { proof })).toBe("active");
    }
  });

  test("is inactive with none or another, and a forwarded one counts before the caller's own", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core, { cnf: { "x5t#S256": CERTIFICATE } });
    expect(await stateOf(core, accessToken)).toBe("proof_required");
    expect(await stateOf(core, accessToken, { proof: await proofFor(accessToken) })).toBe("proof_required");
    const proof = { clientCertificate: hashOf("another"), callerCertificate: CERTIFICATE };
    expect(await stateOf(core, accessToken, { proof })).toBe("invalid_proof");
  });
});

describe("a foreign token", () => {
  test("that is bound to both needs both", async () => {
    const core = await openTestCore();
    const token = foreignJwt(core, { cnf: { jkt: own.jkt, "x5t#S256": CERTIFICATE } });
    const proof = await proofFor(token);
    expect(await stateOf(core, token, { proof })).toBe("proof_required");
    expect(await stateOf(core, token, { proof: { clientCertificate: CERTIFICATE } })).toBe("proof_required");
    expect(await stateOf(core, token, { proof: { ...proof, clientCertificate: CERTIFICATE } })).toBe("active");
  });

  test("that is bound in a way that is not known here is never active", async () => {
    const core = await openTestCore();
    const token = foreignJwt(core, { cnf: { jkt: own.jkt, kid: "x" } });
    expect(await stateOf(core, token, { proof: await proofFor(token) })).toBe("proof_required");
  });
});

describe("a proof beside a token that is not bound", () => {
  test("is ignored, good or bad, and makes no binding", async () => {
    const core = await openTestCore();
    const { accessToken } = await minted(core);
    const proof = await proofFor(accessToken);
    for (const presented of [proof, proof, { dpop: new Secret("garbage") }]) {
      const answer = await introspected(core, accessToken, { proof: presented });
      expect(answer).toMatchObject({ active: true, claims: { sub: "alice" } });
      expect(answer).not.toHaveProperty("claims.cnf.jkt");
    }
  });
});

test("a bound refresh token is active with a proof of its key, which has no ath", async () => {
  const core = await openTestCore();
  const { refresh } = await mintedChain(core, { cnf: { jkt: own.jkt } });
  expect(await stateOf(core, refresh.token)).toBe("proof_required");
  expect(await stateOf(core, refresh.token, { proof: await proofFor("", { ath: undefined }) })).toBe("active");
});

/** ECDSA takes (r, n - s) for (r, s). */
function withOtherSignature(jws: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const dot = jws.lastIndexOf(".");
  const signature = Buffer.from(jws.slice(dot + 1), "base64url");
  const s = BigInt(`0x${signature.toString("hex", 32)}`);
  const twin = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex");
  return `${jws.slice(0, dot)}.${Buffer.concat([signature.subarray(0, 32), twin]).toString("base64url")}`;
}

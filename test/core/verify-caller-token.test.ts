import { generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import { Secret } from "../../src/core/secret.ts";
import { verifyCallerToken } from "../../src/core/verify-caller-token.ts";
import { caller, FOREIGN, openTestCore, type TestCore } from "../support/core-environment.ts";
import { refusal, revoked } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";
import { handDriven, MAX_STALENESS } from "./revocations/hand-driven-store.ts";

const BOB = caller({ name: "bob" });
const PATIENT = caller({ name: "bob", serveStaleForMs: MAX_STALENESS + 1_000_000 });

/** A core that has recognised the caller bob by a token of his already, and counts the signatures that are checked. */
async function recognisingCore() {
  const core = await openTestCore();
  const { signatureChecks } = core.environment;
  let checks = 0;
  core.environment.signatureChecks = (call, check) => {
    checks += 1;
    return signatureChecks(call, check);
  };
  const token = foreignJwt(core);
  expect(await callerOf(core, token)).toBe(BOB);
  return { core, token, checks: () => checks };
}

function callerOf({ environment }: TestCore, token: string, bob = BOB) {
  return verifyCallerToken(environment, token, (iss, sub) => (iss === FOREIGN && sub === "bob" ? bob : undefined));
}

describe("a caller's token that was verified", () => {
  test("is not verified again", async () => {
    const { core, token, checks } = await recognisingCore();
    for (let count = 0; count < 3; count++) expect(await callerOf(core, token)).toBe(BOB);
    expect(checks()).toBe(1);
  });

  test("is nobody's as soon as it is revoked", async () => {
    const { core, token } = await recognisingCore();
    await revoked(core, { by: "token", token: new Secret(token) });
    expect(await callerOf(core, token)).toBeUndefined();
  });

  test("is nobody's as soon as its issuer's keys are others", async () => {
    const { core, token } = await recognisingCore();
    const other = await generateKeyPair("ES256");
    const keys = core.environment.issuers.get(FOREIGN)?.keys ?? {};
    Object.assign(keys, { inUse: () => other, find: async () => ({ key: other.publicKey, in: other }) });
    expect(await callerOf(core, token)).toBeUndefined();
  });

  test("is nobody's when it has expired", async () => {
    const { core, token } = await recognisingCore();
    core.advance(700);
    expect(await callerOf(core, token)).toBeUndefined();
  });
});

test("a genuine token of a stranger is nobody's, and costs one check of its signature", async () => {
  const { core, checks } = await recognisingCore();
  const stranger = foreignJwt(core, { sub: "mallory" });
  for (let count = 0; count < 3; count++) expect(await callerOf(core, stranger)).toBeUndefined();
  expect(checks()).toBe(2);
});

test("while the store does not answer, a caller is recognised by its token for as long as it allows staleness, and no other", async () => {
  const { core, token } = await recognisingCore();
  const view = handDriven();
  view.proved("log/0-0", MAX_STALENESS + 1_000);
  core.environment.revocations = view.revocations;
  expect(await callerOf(core, token, PATIENT)).toBe(PATIENT);
  const refused = refusal(callerOf(core, token));
  await expect.poll(() => view.asked.length).toBeGreaterThan(0);
  for (const { answer } of view.asked) answer.reject(new AssayError("store_unavailable", "the store does not answer"));
  expect(await refused).toBe("store_unavailable");
});

import { expect, test } from "vitest";
import type { InactiveReason } from "../../src/core/inactive-reason.ts";
import { refusedTokens } from "../../src/core/refused-tokens.ts";
import type { TestCore } from "../support/core-environment.ts";
import { openTestCore } from "../support/core-environment.ts";
import { stateOf } from "../support/core-requests.ts";
import { foreignJwt } from "../support/honest-jwt.ts";

const NOW = 1_000_000;

test.each<InactiveReason>(["malformed", "header_not_allowed", "algorithm_not_allowed", "bad_signature"])(
  "%s is remembered for five seconds: nothing mends it so soon",
  (reason) => {
    const refused = refusedTokens();
    refused.remember("token", reason, NOW);
    expect(refused.reasonFor("token", NOW + 4_999)).toBe(reason);
    expect(refused.reasonFor("token", NOW + 5_000)).toBeUndefined();
    expect(refused.reasonFor("Token", NOW)).toBeUndefined();
  },
);

test.each<InactiveReason>(["unknown_key", "issued_in_future", "audience_mismatch", "invalid_claims", "expired"])(
  "%s is not: a new key, clock or configuration may mend it",
  (reason) => {
    const refused = refusedTokens();
    refused.remember("token", reason, NOW);
    expect(refused.reasonFor("token", NOW)).toBeUndefined();
  },
);

test("a clock that was set back keeps nothing longer", () => {
  const refused = refusedTokens();
  refused.remember("token", "bad_signature", NOW);
  expect(refused.reasonFor("token", NOW - 60_000)).toBeUndefined();
});

test("the oldest go where there are too many", () => {
  const refused = refusedTokens();
  for (let count = 0; count < 5_000; count++) refused.remember(`token ${count}`, "bad_signature", NOW);
  expect(refused.reasonFor("token 0", NOW)).toBeUndefined();
  expect(refused.reasonFor("token 4999", NOW)).toBe("bad_signature");
});

test("a bad signature is checked once, however often it is sent", async () => {
  const core = await openTestCore();
  const checks = countChecks(core);
  const token = foreignJwt(core).replace(/\.[^.]*$/, `.${"A".repeat(86)}`);
  for (let count = 0; count < 5; count++) expect(await stateOf(core, token)).toBe("bad_signature");
  expect(checks()).toBe(1);
  core.advance(5);
  expect(await stateOf(core, token)).toBe("bad_signature");
  expect(checks()).toBe(2);
});

test("an honest token that differs by its signature is active meanwhile", async () => {
  const core = await openTestCore();
  const token = foreignJwt(core);
  expect(await stateOf(core, token.replace(/\.[^.]*$/, `.${"A".repeat(86)}`))).toBe("bad_signature");
  expect(await stateOf(core, token)).toBe("active");
});

function countChecks(core: TestCore): () => number {
  const { signatureChecks } = core.environment;
  let checks = 0;
  core.environment.signatureChecks = (call, work) => {
    checks += 1;
    return signatureChecks(call, work);
  };
  return () => checks;
}

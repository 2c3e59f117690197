import * as fc from "fast-check";
import { expect, test } from "vitest";
import { changePolicy, openTestCore, type TestCore } from "../support/core-environment.ts";
import { revoked } from "../support/core-requests.ts";
import { ABSOLUTE, ACCESS, GRACE, IDLE } from "./family-model.ts";
import { beginFamily, discrepancies, type FamilyUnderTest, type Sent, sendTogether } from "./family-under-test.ts";
import { fuzzRuns } from "./runs.ts";

type Step =
  | { do: "send"; sent: Sent[] }
  | { do: "wait"; seconds: number }
  | { do: "revoke"; by: "sid" | "refresh token"; back: number }
  | { do: "revoke access token"; back: number };

const sent: fc.Arbitrary<Sent> = fc.record({
  back: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.nat({ max: 9 }) },
  ),
  scope: fc.oneof(
    { weight: 4, arbitrary: fc.constant("" as const) },
    fc.constantFrom("read" as const, "write" as const),
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("send" as const), sent: fc.array(sent, { minLength: 1, maxLength: 1 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("send" as const), sent: fc.array(sent, { minLength: 2, maxLength: 3 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      seconds: fc.constantFrom(1, GRACE - 1, GRACE, GRACE + 1, ACCESS - 1, IDLE - 1, IDLE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("revoke" as const),
      by: fc.constantFrom("sid" as const, "refresh token" as const),
      back: fc.nat({ max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("revoke access token" as const), back: fc.nat({ max: 3 }) }) },
);

async function take(core: TestCore, family: FamilyUnderTest, action: Step): Promise<string | undefined> {
  if (action.do === "wait") {
    core.advance(action.seconds);
    return undefined;
  }
  if (action.do === "send") return sendTogether(core, family, action.sent);
  const pair = family.pairs[Math.max(0, family.pairs.length - 1 - action.back)];
  if (pair === undefined) return "there is no such generation";
  if (action.do === "revoke access token") {
    await revoked(core, { by: "token", token: pair.access });
    pair.isAccessRevoked = true;
    return undefined;
  }
  const acknowledged =
    action.by === "sid"
      ? await revoked(core, { by: "sid", sid: family.sid })
      : await revoked(core, { by: "token", token: pair.refresh });
  family.model.dead ||= acknowledged !== undefined;
  return undefined;
}

test.each(["jwt", "opaque"] as const)(
  "whatever is done to a family (%s), it is as the rotation table says",
  async (format) => {
    const core = await openTestCore();
    const lifetimes = { refreshIdleLifetime: IDLE, refreshAbsoluteLifetime: ABSOLUTE, accessLifetime: ACCESS };
    changePolicy(core, "web", { ...lifetimes, refreshGrace: GRACE });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
        const family = await beginFamily(core, format);
        for (const action of steps) expect(await take(core, family, action)).toBeUndefined();
        expect(await discrepancies(core, family)).toEqual([]);
      }),
      { numRuns: fuzzRuns(0.001) },
    );
  },
);

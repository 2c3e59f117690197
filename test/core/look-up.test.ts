import { describe, expect, test } from "vitest";
import { lookUp, type NamedSelector } from "../../src/core/look-up.ts";
import { lookUpFamily } from "../../src/core/look-up-family.ts";
import { caller, callerWithout, openTestCore, START } from "../support/core-environment.ts";
import { mintedChain, refreshed, refusal, revoked } from "../support/core-requests.ts";

const ALICE: NamedSelector = { by: "subject", sub: "alice" };
const limited = caller({ clients: new Set(["web"]) });

describe("what is looked up", () => {
  test("is named by no revocation, by one of all, or by one up to a birth, to the millisecond", async () => {
    const { environment, ...core } = await openTestCore();
    const look = async (selector: NamedSelector) => (await lookUp(environment, caller(), selector)).revocation;
    expect(await look(ALICE)).toBeUndefined();
    core.advance(1.234);
    await revoked({ environment, ...core }, ALICE);
    expect(await look(ALICE)).toEqual({ cutOff: START + 1_234 });
    core.advance(60);
    await revoked({ environment, ...core }, ALICE);
    expect(await look(ALICE)).toEqual({ cutOff: START + 61_234 });
    await revoked({ environment, ...core }, { by: "key_id", kid: "some-key" });
    expect(await look({ by: "key_id", kid: "some-key" })).toEqual({});
  });

  test("takes the permission admin, for all clients", async () => {
    const { environment } = await openTestCore();
    expect(await refusal(lookUp(environment, callerWithout("admin"), ALICE))).toBe("permission_missing");
    expect(await refusal(lookUp(environment, limited, ALICE))).toBe("client_not_allowed");
    expect(await refusal(lookUpFamily(environment, callerWithout("admin"), "x"))).toBe("permission_missing");
    expect(await refusal(lookUpFamily(environment, limited, "x"))).toBe("client_not_allowed");
  });
});

describe("a family", () => {
  test("is told with its generation, and is revoked when its subject is", async () => {
    const core = await openTestCore();
    const { sid, refresh } = await mintedChain(core);
    expect(await lookUpFamily(core.environment, caller(), sid)).toMatchObject({
      state: "alive",
      generation: 0,
      clientId: "web",
      namedBy: [],
    });
    await refreshed(core, refresh.token);
    expect(await lookUpFamily(core.environment, caller(), sid)).toMatchObject({ state: "alive", generation: 1 });
    await revoked(core, ALICE);
    expect(await lookUpFamily(core.environment, caller(), sid)).toMatchObject({
      state: "revoked",
      namedBy: ["subject"],
    });
  });

  test("that was killed is dead by its own name", async () => {
    const core = await openTestCore();
    const { sid } = await mintedChain(core);
    await revoked(core, { by: "sid", sid });
    expect(await lookUpFamily(core.environment, caller(), sid)).toMatchObject({
      state: "revoked",
      namedBy: ["family"],
    });
  });

  test("is idle when its refresh token was not used in time", async () => {
    const core = await openTestCore();
    const { sid, refresh } = await mintedChain(core);
    core.advance(refresh.expiresIn);
    expect(await lookUpFamily(core.environment, caller(), sid)).toMatchObject({ state: "idle" });
  });

  test("that the store does not have, or that is none, is not there", async () => {
    const { environment } = await openTestCore();
    for (const sid of ["01a20426-d4b3-7565-bbaf-53e79eaebbbf", "no family"])
      expect(await lookUpFamily(environment, caller(), sid)).toBeUndefined();
  });
});

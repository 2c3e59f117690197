import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { DAY, digest, type FreshStore, NOW } from "./store-under-test.ts";

export function opaqueTokenContract(fresh: FreshStore): void {
  test("an opaque token's record comes back byte for byte", async () => {
    const { opaqueTokens } = await (await fresh()).open();
    const [token, sealed] = [randomBytes(32), randomBytes(4_096)];
    await opaqueTokens.put(token, sealed, NOW + DAY);
    expect(await opaqueTokens.get(token)).toEqual(sealed);
  });

  test("an opaque token that was never put is undefined", async () => {
    const { opaqueTokens } = await (await fresh()).open();
    expect(await opaqueTokens.get(randomBytes(32))).toBeUndefined();
  });

  test("putting an opaque token again is harmless, and what was put first stays", async () => {
    const { opaqueTokens } = await (await fresh()).open();
    const [token, sealed] = [digest(), randomBytes(80)];
    await opaqueTokens.put(token, sealed, NOW + DAY);
    await opaqueTokens.put(token, randomBytes(80), NOW + 2 * DAY);
    expect(await opaqueTokens.get(token)).toEqual(sealed);
  });
}

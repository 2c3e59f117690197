import { hkdfSync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { seal } from "../../src/core/sealing.ts";
import { encodeOpaqueToken, opaqueTokenDigest } from "../../src/core/token/opaque-token.ts";
import { openTestCore } from "../support/core-environment.ts";
import { stateOf } from "../support/core-requests.ts";
import { ownPayload } from "../support/honest-jwt.ts";

test("who can write to the store and has no key of ours cannot make an opaque token", async () => {
  const core = await openTestCore();
  const token = encodeOpaqueToken(randomBytes(32));
  const key = Buffer.from(hkdfSync("sha256", token, "", "assay/v1/opaque-token", 32));
  const record = seal(key, "opaque-token", { ...ownPayload(core.now()), sub: "admin" });
  await core.environment.store.opaqueTokens.put(opaqueTokenDigest(token), record, core.now() + 600_000);
  await expect(stateOf(core, token)).rejects.toThrow("authenticate");
});

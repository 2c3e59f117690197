import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { expect, test } from "vitest";
import { openIssuerKeys } from "../../src/keys/issuer-keys.ts";
import { FOREIGN, openTestCore } from "../support/core-environment.ts";
import { revoked, stateOf } from "../support/core-requests.ts";
import { FOREIGN_HEADER, foreignPayload } from "../support/honest-jwt.ts";
import { signJws } from "../support/sign-jws.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

test("everything a foreign key signed dies with it, also what does not name it: a thief would leave the kid out", async () => {
  const core = await openTestCore();
  const path = join(await temporaryDirectory(), "jwks.json");
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  await writeFile(path, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" }] }));
  const keys = openIssuerKeys({ issuer: FOREIGN, discovery: false, jwksFile: path, allowHttpLoopback: false });
  const trusted = core.environment.issuers.get(FOREIGN);
  core.environment.issuers = new Map(trusted === undefined ? [] : [[FOREIGN, { ...trusted, keys }]]);

  await revoked(core, { by: "key_id", iss: FOREIGN, kid: "k1" });
  for (const kid of ["k1", undefined]) {
    const token = signJws({ ...FOREIGN_HEADER, kid }, foreignPayload(core.now()), privateKey);
    expect(await stateOf(core, token)).not.toBe("active");
  }
});

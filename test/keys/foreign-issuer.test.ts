import { decodeProtectedHeader, jwtVerify, type JWTVerifyResult } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import type { IssuerKeys } from "../../src/core/ports.ts";
import { openIssuerKeys } from "../../src/keys/issuer-keys.ts";
import { type ForeignIssuer, type ForeignIssuerOptions, startForeignIssuer } from "../support/foreign-issuer.ts";

const API = "https://api.example";

describe.each(["ES256", "RS256", "EdDSA"] as const)(
  "an access token of a real provider, signed with %s",
  (algorithm) => {
    test("verifies with the key found by discovery", async () => {
      const { issuer, keys } = await start({ algorithm });
      const { protectedHeader, payload } = await verify(
        keys,
        await issuer.token({ audience: API, scope: "read write" }),
      );
      expect(protectedHeader).toMatchObject({ typ: "at+jwt", alg: algorithm });
      expect(payload).toMatchObject({ iss: issuer.issuer, aud: API, client_id: issuer.clientId, scope: "read write" });
      expect(payload.jti).toMatch(/.+/);
    });

    test("verifies with the new key after a rotation, as an old one does with the old key", async () => {
      const { issuer, keys } = await start({ algorithm });
      const before = await issuer.token({ audience: API });
      await verify(keys, before);
      await issuer.rotateKeys();
      const after = await issuer.token({ audience: API });
      expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
      await expect(verify(keys, after)).resolves.toBeDefined();
      await expect(verify(keys, before)).resolves.toBeDefined();
    });
  },
);

describe("a real provider", () => {
  test("that is down makes its keys unavailable, and available again when it is back", async () => {
    const { issuer, keys } = await start({});
    const token = await issuer.token({ audience: API });
    await issuer.down();
    await expect(verify(keys, token)).rejects.toMatchObject({ code: "keys_unavailable" });
    await issuer.up();
    await expect(verify(keys, token)).resolves.toBeDefined();
  });

  test("has no key for the token of another", async () => {
    const [one, other] = [await start({}), await start({})];
    await expect(verify(one.keys, await other.issuer.token({ audience: API }))).rejects.toThrow("no such key");
  });
});

async function start(options: ForeignIssuerOptions): Promise<{ issuer: ForeignIssuer; keys: IssuerKeys }> {
  const issuer = await startForeignIssuer(options);
  onTestFinished(async () => issuer.stop());
  const limits = { coolDown: 0 };
  return { issuer, keys: openIssuerKeys({ issuer: issuer.issuer, discovery: true, allowHttpLoopback: true, limits }) };
}

async function verify(keys: IssuerKeys, token: string): Promise<JWTVerifyResult> {
  const { alg, kid } = decodeProtectedHeader(token);
  const found = await keys.find({ alg: alg ?? "", kid: kid ?? "" });
  if (found === undefined) throw new Error("no such key");
  return jwtVerify(token, found.key);
}

import { type CryptoKey, generateKeyPair, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import { Secret } from "../../src/core/secret.ts";
import { openIssuerKeys } from "../../src/keys/issuer-keys.ts";
import { foreignKeyPair } from "../keys/foreign-key-pair.ts";
import { json, startKeyServer } from "../keys/key-server.ts";
import { FOREIGN, openTestCore, type TestCore } from "../support/core-environment.ts";
import { mintedChain, refusal, revoked, stateOf } from "../support/core-requests.ts";
import { FOREIGN_HEADER, foreignPayload, ownJwt, ownPayload } from "../support/honest-jwt.ts";
import { signJws } from "../support/sign-jws.ts";

const HOUR = 3_600_000;

/** A core whose foreign issuer publishes its keys over HTTP: it has been asked for them once already. */
async function publishingCore(coolDown: number) {
  const core = await openTestCore();
  const [first, second] = [await foreignKeyPair("ES256", "first"), await foreignKeyPair("ES256", "second")];
  const server = await startKeyServer();
  const publish = (...keys: JWK[]) => server.answers.set("/jwks", json({ keys }));
  const keys = openIssuerKeys({
    issuer: FOREIGN,
    discovery: false,
    jwksUri: `${server.origin}/jwks`,
    allowHttpLoopback: true,
    limits: { coolDown, maxAge: HOUR },
  });
  const trusted = core.environment.issuers.get(FOREIGN);
  core.environment.issuers = new Map(trusted === undefined ? [] : [[FOREIGN, { ...trusted, keys }]]);
  publish(first.publicJwk);
  expect(await stateOf(core, signed(core, "first", first.privateKey))).toBe("active");
  return { core, publishBoth: () => publish(first.publicJwk, second.publicJwk), second: second.privateKey };
}

function signed(core: TestCore, kid: string, key: CryptoKey): string {
  return signJws({ ...FOREIGN_HEADER, kid }, foreignPayload(core.now()), key);
}

function revokedByToken(core: TestCore, token: string) {
  return revoked(core, { by: "token", token: new Secret(token) });
}

describe("a token of a key that its issuer published a moment ago", () => {
  test("is never acknowledged as nothing to revoke while its issuer may not be asked again: it would live on", async () => {
    const { core, publishBoth, second } = await publishingCore(HOUR);
    publishBoth();
    expect(await refusal(revokedByToken(core, signed(core, "second", second)))).toBe("keys_unavailable");
  });

  test("is revoked where its issuer may be asked", async () => {
    const { core, publishBoth, second } = await publishingCore(0);
    publishBoth();
    const token = signed(core, "second", second);
    expect(await revokedByToken(core, token)).toMatchObject({ durability: "local" });
    expect(await stateOf(core, token)).toBe("revoked");
  });
});

test("a token of a key that its issuer does not publish is nothing to revoke, once the issuer was asked during the call", async () => {
  const { core, second } = await publishingCore(0);
  expect(await revokedByToken(core, signed(core, "second", second))).toBeUndefined();
});

describe("a token of ours whose key was put to use elsewhere a moment ago", () => {
  test("is revoked: the keys are read anew first", async () => {
    const core = await openTestCore();
    const { publicKey, privateKey } = await generateKeyPair("EdDSA");
    const token = signJws({ alg: "EdDSA", typ: "at+jwt", kid: "promoted" }, ownPayload(core.now()), privateKey);
    const known = new Map<string, CryptoKey>();
    Object.assign(core.environment.keyring, {
      verificationKey: async (kid: string) => asFound(known.get(kid)),
      readAnew: async () => void known.set("promoted", publicKey),
    });
    expect(await revokedByToken(core, token)).toMatchObject({ durability: "local" });
  });

  test.each(["a JWT", "a refresh token"])("is never acknowledged where they cannot be read: %s", async (kind) => {
    const core = await openTestCore();
    const token = kind === "a JWT" ? ownJwt(core, {}, { kid: "promoted" }) : await refreshTokenOfUnknownKey(core);
    const away = new AssayError("store_unavailable", "away");
    Object.assign(core.environment.keyring, { readAnew: () => Promise.reject(away) });
    expect(await refusal(revokedByToken(core, token))).toBe("store_unavailable");
  });
});

test("what a key made that the deployment does not have, or has no more, is nothing to revoke", async () => {
  const core = await openTestCore();
  const tokens = [ownJwt(core, {}, { kid: "forged" }), await refreshTokenOfUnknownKey(core)];
  for (const token of tokens) expect(await revokedByToken(core, token)).toBeUndefined();
});

test("what names no key of ours, or an issuer that is not trusted, is nothing to revoke, and no keys are read for it", async () => {
  const core = await openTestCore();
  Object.assign(core.environment.keyring, { readAnew: () => Promise.reject(new Error("nobody needs them")) });
  const { privateKey } = await generateKeyPair("EdDSA");
  const nameless = signJws({ alg: "EdDSA", typ: "at+jwt" }, ownPayload(core.now()), privateKey);
  const stranger = ownJwt(core, { iss: "https://evil.example" });
  for (const token of [nameless, stranger, "a.b.c"]) expect(await revokedByToken(core, token)).toBeUndefined();
});

function asFound(publicKey: CryptoKey | undefined) {
  return publicKey && { alg: "EdDSA" as const, publicKey, in: publicKey };
}

/** As the deployment made it, before the key was taken away. */
async function refreshTokenOfUnknownKey(core: TestCore): Promise<string> {
  const { refresh } = await mintedChain(core);
  Object.assign(core.environment.macKeys, { byId: async () => undefined });
  return refresh.token.reveal();
}

import { exportJWK, generateKeyPair, type JWK } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import { type AuthorityKeys, authorityKeys } from "../../src/keys/authority-keys.ts";
import { eventually } from "../support/eventually.ts";

type Published = { keys: object[]; cacheableForMs: number; isAway: boolean; asked: number };

async function publicJwk(kid: string, alg = "EdDSA"): Promise<JWK> {
  const { publicKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2_048 });
  return { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
}

function open(keys: object[]): { published: Published; opened: AuthorityKeys } {
  const published: Published = { keys, cacheableForMs: 60_000, isAway: false, asked: 0 };
  const opened = authorityKeys({
    fetch: async () => {
      published.asked += 1;
      if (published.isAway) throw new AssayError("store_unavailable", "away");
      return { jwks: JSON.stringify({ keys: published.keys }), cacheableForMs: published.cacheableForMs };
    },
  });
  onTestFinished(() => opened.close());
  return { published, opened };
}

describe("the keys of a deployment", () => {
  test("are found by name, of each algorithm that it signs with, and published on", async () => {
    const algorithms = ["EdDSA", "ES256", "PS256", "RS256", "ML-DSA-65"];
    const keys = await Promise.all(algorithms.map((alg) => publicJwk(`kid-${alg}`, alg)));
    const { opened } = open(keys);
    for (const alg of algorithms) expect(await opened.verificationKey(`kid-${alg}`)).toMatchObject({ alg });
    expect(opened.published().jwks.keys.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid));
    expect(opened.published().cacheableForMs).toBeLessThanOrEqual(60_000);
  });

  test("are fetched once however many ask at once, and once in a second for names that nobody knows", async () => {
    const { published, opened } = open([await publicJwk("one")]);
    const found = await Promise.all(
      Array.from({ length: 50 }, (_, index) => opened.verificationKey(`made-up-${index}`)),
    );
    expect(found.every((key) => key === undefined)).toBe(true);
    expect(published.asked).toBe(1);
  });

  test("are known by a new name once it is published", async () => {
    const { published, opened } = open([await publicJwk("one")]);
    const before = await opened.verificationKey("one");
    expect(before?.in).toBe(opened.inUse());
    published.keys = [...published.keys, await publicJwk("two")];
    const found = await eventually("it is found", () => opened.verificationKey("two"));
    expect(found.in).toBe(opened.inUse());
    expect(found.in).not.toBe(before?.in);
  });

  test("stay the same set while the same is published", async () => {
    const { published, opened } = open([await publicJwk("one")]);
    published.cacheableForMs = 1;
    await opened.load();
    const set = opened.inUse();
    await eventually("they are fetched again", () => (published.asked > 1 ? true : undefined));
    expect(opened.inUse()).toBe(set);
  });

  test("go on while nobody can be asked, but that there is no such key is not said then", async () => {
    const { published, opened } = open([await publicJwk("one")]);
    await opened.load();
    published.isAway = true;
    const refused = await eventually("it was asked again", () =>
      opened.verificationKey("two").then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    expect(refused).toMatchObject({ code: "keys_unavailable" });
    expect(await opened.verificationKey("one")).toMatchObject({ alg: "EdDSA" });
  });

  test("are unknown before they were fetched, and say so", async () => {
    const { published, opened } = open([]);
    published.isAway = true;
    await expect(opened.verificationKey("one")).rejects.toMatchObject({ code: "keys_unavailable" });
    expect(() => opened.published()).toThrow(expect.objectContaining({ code: "keys_unavailable" }));
    expect(opened.problem()).toBe("The deployment's public keys are not known yet.");
  });

  test("of another kind, or with private members, are not taken over as they are", async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const secret = { ...(await exportJWK(privateKey)), kid: "private", alg: "ES256", use: "sig" };
    const symmetric = { kty: "oct", k: "c2VjcmV0", kid: "shared", alg: "HS256", use: "sig" };
    const { opened } = open([secret, symmetric]);
    expect(await opened.verificationKey("shared")).toBeUndefined();
    expect((await opened.verificationKey("private"))?.publicKey.type).toBe("public");
    expect(JSON.stringify(opened.published())).not.toContain(secret.d);
  });
});

import { chmod, chown, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ACTIVATION_DELAY } from "../../src/keys/activation.ts";
import { type KeyFiles, openKeys } from "../../src/keys/key-files.ts";
import { listKeys } from "../../src/keys/list-keys.ts";
import { rotateSigningKey } from "../../src/keys/rotate-signing-key.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Running = KeyFiles & { clock: { now: number }; warnings: object[] };

describe("a running keyring, after a rotation", () => {
  test("publishes the new key at once, and signs with the old one until the delay has passed", async () => {
    const { dir, keys } = await start();
    const before = keys.keyring.active().kid;
    const { kid } = await rotateSigningKey(dir, "ES256");
    await published(keys, [before, kid]);
    expect(keys.keyring.active().kid).toBe(before);
    keys.clock.now = Date.now() + ACTIVATION_DELAY;
    expect(keys.keyring.active()).toMatchObject({ kid, alg: "ES256" });
  });

  test("goes on verifying with the old key", async () => {
    const { dir, keys } = await start();
    const before = keys.keyring.active().kid;
    const { kid } = await rotateSigningKey(dir, "EdDSA");
    await published(keys, [before, kid]);
    keys.clock.now = Date.now() + ACTIVATION_DELAY;
    expect(keys.keyring.verificationKey(before)?.alg).toBe("EdDSA");
    expect(keys.keyring.verificationKey(kid)?.alg).toBe("EdDSA");
  });

  test("forgets a key whose file is removed", async () => {
    const { dir, keys } = await start();
    const before = keys.keyring.active().kid;
    const { kid } = await rotateSigningKey(dir, "EdDSA");
    await published(keys, [before, kid]);
    await rm(join(dir, `signing-${before}.jwk`));
    await published(keys, [kid]);
    expect(keys.keyring.verificationKey(before)).toBeUndefined();
    expect(keys.keyring.active().kid).toBe(kid);
  });

  test("keeps the keys it has when the directory vanishes, and warns once", async () => {
    const { dir, keys } = await start();
    const { kid } = keys.keyring.active();
    await rm(dir, { recursive: true });
    await eventually("a warning", () => keys.warnings[0]);
    expect(keys.keyring.active().kid).toBe(kid);
    expect(keys.keyring.jwks().keys).toHaveLength(1);
  });

  test("keeps the keys it has when a new file is unfit, and takes it once it is mended", async () => {
    const { dir, keys } = await start();
    const before = keys.keyring.active().kid;
    const other = await start();
    const { kid } = other.keys.keyring.active();
    const path = join(dir, `signing-${kid}.jwk`);
    await writeFile(path, await readFile(join(other.dir, `signing-${kid}.jwk`)), { mode: 0o644 });
    expect(await eventually("a warning", () => keys.warnings[0])).toMatchObject({
      problem: expect.stringContaining(`chmod 600 ${path}`),
    });
    expect(keys.keyring.active().kid).toBe(before);
    await chmod(path, 0o600);
    await published(keys, [before, kid]);
  });

  test("finds nothing for a kid or an id that nobody knows", async () => {
    const { keys } = await start();
    expect(keys.keyring.verificationKey("nobody-knows")).toBeUndefined();
    expect(keys.macKeys.byId(1)).toBeUndefined();
  });
});

describe("rotating", () => {
  test("says from when on the new key signs", async () => {
    const { dir } = await start();
    const earliest = Date.now() + ACTIVATION_DELAY;
    const { activeFrom } = await rotateSigningKey(dir, "EdDSA");
    expect(activeFrom.getTime()).toBeGreaterThanOrEqual(earliest);
    expect(activeFrom.getTime()).toBeLessThanOrEqual(Date.now() + ACTIVATION_DELAY);
  });

  test("makes a file 0600 that belongs to the owner of the directory, also when root rotates", async () => {
    const { dir } = await start();
    if (process.geteuid?.() === 0) await chown(dir, 65_534, 65_534);
    const { kid } = await rotateSigningKey(dir, "EdDSA");
    const file = await stat(join(dir, `signing-${kid}.jwk`));
    expect(file.mode & 0o777).toBe(0o600);
    expect(file.uid).toBe((await stat(dir)).uid);
  });

  test("is refused where no keys are", async () => {
    const dir = join(await temporaryDirectory(), "mistyped");
    await expect(rotateSigningKey(dir, "EdDSA")).rejects.toThrow(dir);
  });

  test("twice at once adds two keys", async () => {
    const { dir } = await start();
    await Promise.all([rotateSigningKey(dir, "EdDSA"), rotateSigningKey(dir, "EdDSA")]);
    expect((await readdir(dir)).filter((name) => name.startsWith("signing-"))).toHaveLength(3);
  });
});

describe("the listing of keys", () => {
  test("names every key with its kind and state", async () => {
    const { dir, keys } = await start();
    const { kid } = await rotateSigningKey(dir, "ES256");
    expect(await listKeys(dir)).toMatchObject([
      { kind: "signing", id: kid, alg: "ES256", state: "next" },
      { kind: "signing", id: keys.keyring.active().kid, alg: "EdDSA", state: "active" },
      { kind: "mac", id: keys.macKeys.active().id.toString(16).padStart(8, "0"), state: "active" },
      { kind: "master", state: "active" },
    ]);
  });

  test("calls a key published when a younger one signs", async () => {
    const { dir, keys } = await start();
    const before = keys.keyring.active().kid;
    const { kid } = await rotateSigningKey(dir, "EdDSA");
    await backdate(dir, before, 2 * ACTIVATION_DELAY);
    await backdate(dir, kid, ACTIVATION_DELAY);
    expect(await listKeys(dir)).toMatchObject([
      { id: kid, state: "active" },
      { id: before, state: "published" },
      { kind: "mac" },
      { kind: "master" },
    ]);
  });

  test("holds no key material", async () => {
    const { dir, keys } = await start();
    const text = JSON.stringify(await listKeys(dir));
    expect(text).not.toContain(keys.masterKey.toString("base64url"));
    expect(text).not.toContain(keys.macKeys.active().key.toString("base64url"));
    expect(text).not.toContain('"d"');
  });
});

async function start(): Promise<{ dir: string; keys: Running }> {
  const dir = join(await temporaryDirectory(), "keys");
  const clock = { now: Date.now() };
  const warnings: object[] = [];
  const log = { info: () => undefined, warn: (fields: object) => void warnings.push(fields) };
  const keys = await openKeys({ dir, algorithm: "EdDSA", log, now: () => clock.now });
  onTestFinished(() => keys.close());
  return { dir, keys: { ...keys, clock, warnings } };
}

async function published(keys: Running, kids: string[]): Promise<void> {
  await eventually(`published: ${kids.join(", ")}`, () => {
    const found = keys.keyring.jwks().keys.map((key) => key.kid);
    return found.length === kids.length && kids.every((kid) => found.includes(kid)) ? true : undefined;
  });
}

async function backdate(dir: string, kid: string, ms: number): Promise<void> {
  const path = join(dir, `signing-${kid}.jwk`);
  const jwk: object = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...jwk, created: new Date(Date.now() - ms).toISOString() }));
}

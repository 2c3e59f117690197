import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inspect } from "node:util";
import { calculateJwkThumbprint, CompactSign, compactVerify, exportJWK } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { deployment, derivedFrom, kidsOf, rootOf } from "./keyring-under-test.ts";

const PUBLIC_MEMBERS = ["alg", "crv", "e", "kid", "kty", "n", "pub", "use", "x", "y"];

describe("the first start on a new store", () => {
  test("makes one key of each kind, which serve at once", async () => {
    const instance = await (await deployment()).open();
    expect(kidsOf(instance)).toEqual([instance.keyring.active().kid]);
    expect(instance.macKeys.active().key).toHaveLength(32);
    expect(instance.problem()).toBeUndefined();
  });

  test("leaves the master key alone in the key directory, 0600 in 0700", async () => {
    const { open, keysDir } = await deployment();
    await open();
    expect(await readdir(keysDir)).toEqual(["master.key"]);
    expect((await stat(keysDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(keysDir, "master.key"))).mode & 0o777).toBe(0o600);
  });

  test("leaves no key material in the store, nor in the log", async () => {
    const { open, keysDir, dump, lines } = await deployment();
    const instance = await open({ algorithm: "ES256" });
    const master = (await readFile(join(keysDir, "master.key"), "utf8")).trim();
    const { key } = instance.macKeys.active();
    const seen = Buffer.concat([await dump(), Buffer.from(lines.join("\n"))]).toString("latin1");
    const bytes = [key, instance.derived.selector].map((secret) => secret.toString("latin1"));
    for (const secret of [master, key.toString("base64url"), ...bytes, '"d":', '"k":'])
      expect(seen).not.toContain(secret);
    expect(seen).toContain(instance.keyring.active().kid);
  });

  test("stores keys that the master key alone does not stand for: the root of what is stored is random", async () => {
    const { open, keysDir } = await deployment();
    const instance = await open();
    const master = Buffer.from((await readFile(join(keysDir, "master.key"), "utf8")).trim(), "base64url");
    expect(rootOf(instance)).not.toBe(derivedFrom(master));
  });

  test("of 6 processes at once makes one keyring, which all of them use", async () => {
    const { directory, keysDir, store } = await deployment();
    const processes = Array.from({ length: 6 }, () => startProcess(join(directory, "assay.db"), keysDir));
    await Promise.all(processes.map(async (process) => process.ready));
    const results = await Promise.all(processes.map(async (process) => process.open()));
    expect(new Set(results).size).toBe(1);
    expect(results[0]).toMatch(/^[\w-]{43} [0-9a-f]{64}$/);
    expect((await store.keyrings.read()).version).toBe(1);
  });

  test.each(["mac-0123abcd.key", `signing-${"A".repeat(43)}.jwk`])(
    "is refused where a key file of an earlier version lies: %s",
    async (name) => {
      const { open, keysDir } = await deployment();
      await open();
      await writeFile(join(keysDir, name), "");
      const other = await deployment();
      await expect(other.open({ master: { dir: keysDir } })).rejects.toThrow(
        /remove the files signing-\*\.jwk and mac/,
      );
    },
  );
});

describe("a later start", () => {
  test("uses the same keys, and needs no write permission for the master key", async () => {
    const { open, keysDir } = await deployment();
    const first = await open();
    await chmod(keysDir, 0o500);
    const second = await open();
    expect(second.keyring.active().kid).toBe(first.keyring.active().kid);
    expect(second.macKeys.active()).toEqual(first.macKeys.active());
    expect(rootOf(second)).toBe(rootOf(first));
  });

  test("keeps the signing key that exists when another algorithm is configured", async () => {
    const { open } = await deployment();
    await open();
    expect((await open({ algorithm: "ES256" })).keyring.active().alg).toBe("EdDSA");
  });
});

describe.each(["EdDSA", "ES256", "PS256", "RS256", "ML-DSA-65"] as const)("a signing key for %s", (alg) => {
  test("signs what its published key verifies, and is named by its RFC 7638 thumbprint", async () => {
    const { keyring } = await (await deployment()).open({ algorithm: alg });
    const { kid, privateKey } = keyring.active();
    const jws = await new CompactSign(new TextEncoder().encode("text"))
      .setProtectedHeader({ alg, kid })
      .sign(privateKey);
    const key = await keyring.verificationKey(kid);
    expect(key?.alg).toBe(alg);
    if (key === undefined) throw new Error("not published");
    await expect(compactVerify(jws, key.publicKey)).resolves.toBeDefined();
    const [jwk = {}] = keyring.published().jwks.keys;
    expect(await calculateJwkThumbprint(jwk)).toBe(kid);
  });

  test("is published with public members only, and its private members are shown by nothing", async () => {
    const { keyring } = await (await deployment()).open({ algorithm: alg });
    const [jwk = {}] = keyring.published().jwks.keys;
    expect(jwk).toMatchObject({ alg, use: "sig", kid: keyring.active().kid, kty: KEY_TYPES[alg] });
    for (const member of Object.keys(jwk)) expect(PUBLIC_MEMBERS).toContain(member);
    const shown = inspect(keyring.active(), { depth: 9, showHidden: true }) + JSON.stringify(keyring.active());
    const secret = await exportJWK(keyring.active().privateKey);
    const members = Object.entries(secret).filter(([name]) => !PUBLIC_MEMBERS.includes(name) && name !== "key_ops");
    expect(members).not.toEqual([]);
    for (const [, value] of members) expect(shown).not.toContain(JSON.stringify(value).slice(1, -1));
  });
});

const KEY_TYPES = { EdDSA: "OKP", ES256: "EC", PS256: "RSA", RS256: "RSA", "ML-DSA-65": "AKP" } as const;

/** A process that opens the keyring when told to, so that all of them start at once. */
function startProcess(path: string, dir: string): { ready: Promise<unknown>; open(): Promise<string> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "open-keyring-process.ts"), path, dir], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const lines = createInterface(child.stdout);
  const answer = async (): Promise<string> => {
    const [line]: unknown[] = await Promise.race([once(lines, "line"), once(lines, "close")]);
    if (typeof line !== "string") throw new Error("the process ended before it answered");
    return line;
  };
  return {
    ready: answer(),
    open: async () => {
      child.stdin.write("go\n");
      return answer();
    },
  };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { calculateJwkThumbprint, CompactSign, compactVerify } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SigningAlgorithm } from "../../src/core/ports.ts";
import { type KeyFiles, openKeys } from "../../src/keys/key-files.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const FILES = [
  expect.stringMatching(/^mac-[0-9a-f]{8}\.key$/),
  "master.key",
  expect.stringMatching(/^signing-[\w-]{43}\.jwk$/),
];
const PUBLIC_MEMBERS = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];

describe("the first start", () => {
  test("makes one key of each kind", async () => {
    const dir = await newDirectory();
    await open(dir);
    expect((await readdir(dir)).toSorted()).toEqual(FILES);
  });

  test("makes the directory 0700 and every file 0600", async () => {
    const dir = await newDirectory();
    await open(dir);
    expect(await modeOf(dir)).toBe("700");
    for (const name of await readdir(dir)) expect(await modeOf(join(dir, name))).toBe("600");
  });

  test("tells the log which files it made, and nothing of what is in them", async () => {
    const dir = await newDirectory();
    const lines: string[] = [];
    const log = (fields: object, message: string): number => lines.push(JSON.stringify({ ...fields, message }));
    await open(dir, "EdDSA", { info: log, warn: log });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("master.key");
    expect(lines[0]).not.toContain((await readFile(join(dir, "master.key"), "utf8")).trim());
  });

  test("finishes what a process began that died after proposing a key", async () => {
    const [dir, other] = [await newDirectory(), await newDirectory()];
    await open(other);
    const name = (await readdir(other)).find((file) => file.startsWith("mac-")) ?? "";
    const text = await readFile(join(other, name), "utf8");
    await mkdir(dir, { mode: 0o700 });
    await writeFile(join(dir, ".first-mac"), JSON.stringify({ name, text }), { mode: 0o600 });
    await open(dir);
    expect(await readdir(dir)).toContain(name);
    expect((await readdir(dir)).toSorted()).toEqual(FILES);
  });

  test("of 8 processes at once makes one key of each kind, which all of them use", async () => {
    const dir = await newDirectory();
    const processes = Array.from({ length: 8 }, () => startProcess(dir));
    await Promise.all(processes.map(async (process) => process.ready));
    const results = await Promise.all(processes.map(async (process) => process.open()));
    expect(new Set(results).size).toBe(1);
    expect(results[0]).toMatch(/^[\w-]{43} [0-9a-f]{64}$/);
    expect((await readdir(dir)).toSorted()).toEqual(FILES);
  });
});

describe("a later start", () => {
  test("reads the same keys again", async () => {
    const dir = await newDirectory();
    const [first, second] = [await open(dir), await open(dir)];
    expect(second.masterKey).toEqual(first.masterKey);
    expect(second.macKeys.active()).toEqual(first.macKeys.active());
    expect(second.keyring.active().kid).toBe(first.keyring.active().kid);
  });

  test("needs no write permission when the keys exist", async () => {
    const dir = await newDirectory();
    const { keyring } = await open(dir);
    await chmod(dir, 0o500);
    expect((await open(dir)).keyring.active().kid).toBe(keyring.active().kid);
  });

  test("keeps the signing key that exists when another algorithm is configured", async () => {
    const dir = await newDirectory();
    await open(dir, "EdDSA");
    expect((await open(dir, "ES256")).keyring.active().alg).toBe("EdDSA");
  });
});

describe.each(["EdDSA", "ES256", "PS256", "RS256"] as const)("a signing key for %s", (alg) => {
  test("signs what its published key verifies", async () => {
    const { keyring } = await open(await newDirectory(), alg);
    const { kid, privateKey } = keyring.active();
    const jws = await new CompactSign(new TextEncoder().encode("text"))
      .setProtectedHeader({ alg, kid })
      .sign(privateKey);
    const key = keyring.verificationKey(kid);
    expect(key?.alg).toBe(alg);
    if (key === undefined) throw new Error("not published");
    await expect(compactVerify(jws, key.publicKey)).resolves.toBeDefined();
  });

  test("is named by its RFC 7638 thumbprint", async () => {
    const { keyring } = await open(await newDirectory(), alg);
    const [jwk = {}] = keyring.jwks().keys;
    expect(await calculateJwkThumbprint(jwk)).toBe(keyring.active().kid);
  });

  test("is published with public members only", async () => {
    const { keyring } = await open(await newDirectory(), alg);
    const [jwk = {}] = keyring.jwks().keys;
    expect(jwk).toMatchObject({ alg, use: "sig", kid: keyring.active().kid });
    for (const member of Object.keys(jwk)) expect(PUBLIC_MEMBERS).toContain(member);
  });

  test("cannot be exported from the process", async () => {
    const { keyring } = await open(await newDirectory(), alg);
    expect(keyring.active().privateKey.extractable).toBe(false);
  });
});

async function newDirectory(): Promise<string> {
  return join(await temporaryDirectory(), "keys");
}

async function open(
  dir: string,
  algorithm: SigningAlgorithm = "EdDSA",
  log?: Parameters<typeof openKeys>[0]["log"],
): Promise<KeyFiles> {
  const keys = await openKeys(log === undefined ? { dir, algorithm } : { dir, algorithm, log });
  onTestFinished(() => keys.close());
  return keys;
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** A process that opens the keys when told to, so that all of them start at once. */
function startProcess(dir: string): { ready: Promise<unknown>; open(): Promise<string> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "open-keys-process.ts"), dir], {
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

import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { StartError } from "../../src/core/start-error.ts";
import type { MasterKeySource } from "../../src/keys/master-key.ts";
import { deployment, otherMasterKey, rootOf } from "./keyring-under-test.ts";

type Spoil = (path: string) => Promise<void>;

const WAYS: ReadonlyArray<[string, Spoil, string]> = [
  ["may be read by the group", async (path) => chmod(path, 0o640), "chmod 600"],
  ["may be read by everyone", async (path) => chmod(path, 0o604), "chmod 600"],
  ["is empty", async (path) => writeFile(path, ""), "backup"],
  ["is cut short", async (path) => writeFile(path, "A".repeat(42)), "backup"],
  ["is longer than it was", async (path) => writeFile(path, "A".repeat(44)), "backup"],
  ["is binary", async (path) => writeFile(path, Buffer.alloc(44, 0xff)), "backup"],
  ["is enormous", async (path) => writeFile(path, "A".repeat(1_000_000)), "backup"],
  ["is a directory", async (path) => rm(path).then(async () => mkdir(path)), "not a regular file"],
];

describe("a start is refused when the file of the master key", () => {
  test.each(WAYS)("%s", async (_way, spoil, mend) => {
    const { open, keysDir } = await deployment();
    await open();
    const path = join(keysDir, "master.key");
    const text = await readFile(path, "utf8");
    await spoil(path);
    const message = await refusalOf(open());
    expect(message).toContain(path);
    expect(message).toContain(mend);
    expect(message).not.toContain(text.trim());
  });

  test("has gone: another is not made where keys exist", async () => {
    const { open, keysDir } = await deployment();
    await open();
    await rm(join(keysDir, "master.key"));
    expect(await refusalOf(open())).toContain(`there is no ${keysDir}/master.key`);
    expect(await readdir(keysDir)).toEqual([]);
  });

  test("is another deployment's", async () => {
    const { open, keysDir } = await deployment();
    await open();
    await writeFile(join(keysDir, "master.key"), otherMasterKey());
    expect(await refusalOf(open())).toMatch(/sealed under another master key.*keys\.previous_master_key_file/);
  });

  test("is named, and not there", async () => {
    const { open, directory, keysDir } = await deployment();
    const file = join(directory, "nowhere.key");
    expect(await refusalOf(open({ master: { dir: keysDir, file } }))).toContain(file);
  });
});

describe("a start is refused when the key directory", () => {
  test("may be written by others", async () => {
    const { open, keysDir } = await deployment();
    await open();
    await chmod(keysDir, 0o770);
    expect(await refusalOf(open())).toContain(`chmod 700 ${keysDir}`);
  });

  test("is a file, or cannot be made", async () => {
    const { open, directory } = await deployment();
    const file = join(directory, "file");
    await writeFile(file, "");
    expect(await refusalOf(open({ master: { dir: file } }))).toContain(file);
    expect(await refusalOf(open({ master: { dir: join(file, "keys") } }))).toContain("keys.dir");
  });
});

test("the master key may be given as a value: then there is no key directory", async () => {
  const { open, directory } = await deployment();
  const master = { dir: join(directory, "unused"), value: new Secret(otherMasterKey()) };
  const [one, other] = [await open({ master }), await open({ master })];
  expect(other.keyring.active().kid).toBe(one.keyring.active().kid);
  expect(await readdir(directory)).not.toContain("unused");
});

test("a value that is no key is refused without being told", async () => {
  const { open, keysDir } = await deployment();
  const message = await refusalOf(open({ master: { dir: keysDir, value: new Secret("hunter2") } }));
  expect(message).toContain("ASSAY_KEYS_MASTER_KEY");
  expect(message).not.toContain("hunter2");
});

describe("a new master key", () => {
  test("seals everything anew, changes nothing that is known or stored, and then does without the former one", async () => {
    const { master, before, started } = await exchanged();
    const after = await started(master);
    expect(rootOf(after)).toBe(rootOf(before));
    expect(after.keyring.active().kid).toBe(before.keyring.active().kid);
    expect(after.macKeys.active()).toEqual(before.macKeys.active());
    const alone = await started({ dir: master.dir, file: master.file });
    expect(rootOf(alone)).toBe(rootOf(before));
  });

  test("shuts the former one out", async () => {
    const { master, started, former } = await exchanged();
    await started(master);
    expect(await refusalOf(started(former))).toContain("another master key");
  });

  test("leaves instances with the former one going on with the keys they know", async () => {
    const { master, before, started, revoke } = await exchanged();
    await started(master);
    await before.keyring.takeOver();
    const { kid } = before.keyring.active();
    expect(await before.keyring.verificationKey(kid)).toBeDefined();
    expect(before.problem()).toBeUndefined();
    await revoke(before, kid);
    await before.keyring.takeOver();
    // It cannot add a key that the others could open, and signs no more until one of them has.
    expect(() => before.keyring.active()).toThrow(expect.objectContaining({ code: "keys_unavailable" }));
  });

  test("taken over by several instances at once is one change", async () => {
    const { master, started, store } = await exchanged();
    await Promise.all([started(master), started(master), started(master)]);
    expect((await store.keyrings.read()).version).toBe(2);
  });
});

async function exchanged() {
  const { open, directory, keysDir, store, revoke } = await deployment();
  const before = await open();
  const former = { dir: keysDir };
  const file = join(directory, "new.key");
  await writeFile(file, otherMasterKey(), { mode: 0o600 });
  const master = { dir: keysDir, file, previousFile: join(keysDir, "master.key") };
  const started = (source: MasterKeySource) => open({ master: source });
  return { before, former, master, started, store, revoke };
}

async function refusalOf(opening: Promise<unknown>): Promise<string> {
  const refused: unknown = await opening.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(StartError);
  return refused instanceof StartError ? refused.message : "";
}

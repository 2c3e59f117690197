import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { StartError } from "../../src/core/start-error.ts";
import { openKeys } from "../../src/keys/key-files.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Spoil = (path: string, text: string) => Promise<void>;

const FILES = [
  ["the master key", /^master\.key$/],
  ["a MAC key", /^mac-/],
  ["a signing key", /^signing-/],
] as const;

const WAYS: ReadonlyArray<[string, Spoil, string]> = [
  ["may be read by the group", async (path) => chmod(path, 0o640), "chmod 600"],
  ["may be read by everyone", async (path) => chmod(path, 0o604), "chmod 600"],
  ["is empty", async (path) => writeFile(path, ""), "backup"],
  ["is cut short", async (path, text) => writeFile(path, text.slice(0, -9)), "backup"],
  ["is longer than it was", async (path, text) => writeFile(path, `${text}${text}`), "backup"],
  ["is binary", async (path) => writeFile(path, Buffer.alloc(44, 0xff)), "backup"],
  ["is enormous", async (path) => writeFile(path, "A".repeat(1_000_000)), "backup"],
  ["holds another key than its name says", async (path, text) => writeFile(path, otherKey(text)), "backup"],
  ["is a directory", async (path) => rm(path).then(async () => mkdir(path)), "not a regular file"],
];

describe.each(FILES)("a start is refused when the file of %s", (_, pattern) => {
  // A master key has no name of its own to differ from.
  const ways = WAYS.filter(
    ([way]) => way !== "holds another key than its name says" || pattern.source !== FILES[0][1].source,
  );

  test.each(ways)("%s", async (_way, spoil, mend) => {
    const { dir, path, text } = await keyFile(pattern);
    await spoil(path, text);
    const message = await refusal(dir);
    expect(message).toContain(path);
    expect(message).toContain(mend);
    expect(message).not.toContain(text.trim());
  });
});

describe("a start is refused when", () => {
  test("a signing key's private part is not that of its public part", async () => {
    const [one, two] = [await keyFile(/^signing-/), await keyFile(/^signing-/)];
    const foreign: { d: string } = JSON.parse(two.text);
    await writeFile(one.path, JSON.stringify({ ...JSON.parse(one.text), d: foreign.d }));
    expect(await refusal(one.dir)).not.toContain(foreign.d);
  });

  test("a signing key file has been renamed", async () => {
    const { dir, path } = await keyFile(/^signing-/);
    const wrong = join(dir, `signing-${"A".repeat(43)}.jwk`);
    await rename(path, wrong);
    expect(await refusal(dir)).toContain(wrong);
  });

  test("others may write into the directory", async () => {
    const { dir } = await keyFile(/^master/);
    await chmod(dir, 0o770);
    expect(await refusal(dir)).toContain(`chmod 700 ${dir}`);
  });

  test("the directory is a file", async () => {
    const dir = join(await temporaryDirectory(), "keys");
    await writeFile(dir, "");
    expect(await refusal(dir)).toContain(dir);
  });

  test("the directory cannot be made", async () => {
    const file = join(await temporaryDirectory(), "file");
    await writeFile(file, "");
    expect(await refusal(join(file, "keys"))).toContain("keys.dir");
  });

  test("a first key cannot be written", async () => {
    const dir = await directoryWithoutRoomForNames();
    const message = await refusal(dir);
    expect(message).toContain("cannot be written");
    expect(message).toContain(dir);
  });
});

async function keyFile(pattern: RegExp): Promise<{ dir: string; path: string; text: string }> {
  const dir = join(await temporaryDirectory(), "keys");
  (await openKeys({ dir, algorithm: "EdDSA" })).close();
  const path = join(dir, (await readdir(dir)).find((name) => pattern.test(name)) ?? "");
  return { dir, path, text: await readFile(path, "utf8") };
}

/** Nothing can be made in it, by root neither: its own path is as long as paths may be. */
async function directoryWithoutRoomForNames(): Promise<string> {
  let dir = await temporaryDirectory();
  for (const name of ["d".repeat(200), "d"]) {
    const deeper = async (): Promise<boolean> =>
      mkdir(join(dir, name)).then(
        () => true,
        () => false,
      );
    while (await deeper()) dir = join(dir, name);
  }
  return dir;
}

async function refusal(dir: string): Promise<string> {
  const refused: unknown = await openKeys({ dir, algorithm: "EdDSA" }).then(
    (keys) => keys.close(),
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(StartError);
  return refused instanceof StartError ? refused.message : "";
}

/** Of the same form: raw keys get another first character, JWKs another kid. */
function otherKey(text: string): string {
  if (!text.startsWith("{")) return `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`;
  return text.replace(/"kid":"./, '"kid":"-');
}

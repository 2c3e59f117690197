import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { loadText, mistakesOf, SOUND } from "./configuration-folder.ts";

describe("keys: each rule refuses and says how to mend it", () => {
  test.each<[string, string, RegExp]>([
    ["two master keys", "{ master_key: AAAA, master_key_file: . }", /^keys\.master_key_file: goes not with keys/],
    ["a master key file that is not there", "{ master_key_file: nowhere }", /^keys\.master_key_file: there is no file/],
    [
      "a former one that is not there",
      "{ previous_master_key_file: no }",
      /^keys\.previous_master_key_file: there is no/,
    ],
    ["a key used before others know it", "{ publish_before: 500ms }", /^keys\.publish_before: must be 1s or more/],
    ["keys older than they may be", "{ rotate_every: 60s }", /^keys\.rotate_every: must be longer than keys\.publish/],
    ["an algorithm that is none", "{ algorithm: HS256 }", /^keys\.algorithm: .*ML-DSA-65/],
  ])("%s", async (_name, keys, mistake) => {
    expect(await mistakesOf(`${SOUND}\nkeys: ${keys}\n`)).toContainEqual(expect.stringMatching(mistake));
  });
});

test("by default a key is published for a minute before its use, and used for 90 days", async () => {
  const { config } = await loadText(SOUND);
  expect(config.keys).toMatchObject({ publish_before: 60_000, rotate_every: 90 * 86_400_000 });
});

test("the master key is taken from ASSAY_KEYS_MASTER_KEY as it stands", async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "assay.yaml"), SOUND);
  // Text that YAML would read as a number.
  const env = { ASSAY_KEYS_MASTER_KEY: "0123456789" };
  expect((await loadConfig({ env, cwd })).config.keys.master_key).toBe("0123456789");
});

import { describe, expect, test } from "vitest";
import { openKeys } from "../../src/keys/key-files.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assay } from "./run-assay.ts";

async function folderWithKeys(): Promise<string> {
  const folder = await temporaryDirectory();
  const keys = await openKeys({ dir: `${folder}/data/keys`, algorithm: "EdDSA" });
  keys.close();
  return folder;
}

describe("keys", () => {
  test("list names each key, its algorithm and state, and no material", async () => {
    const { code, stdout } = await assay(["keys", "list", "--json"], { cwd: await folderWithKeys() });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      keys: [
        { kind: "signing", kid: expect.any(String), alg: "EdDSA", state: "active", created: expect.any(String) },
        {
          kind: "mac",
          id: expect.stringMatching(/^[0-9a-f]{8}$/),
          alg: "HS256",
          state: "active",
          created: expect.any(String),
        },
        { kind: "master", id: "master", alg: expect.any(String), state: "active", created: expect.any(String) },
      ],
    });
  });

  test("rotate adds a signing key that comes next, of the algorithm asked for", async () => {
    const cwd = await folderWithKeys();
    const rotated = await assay(["keys", "rotate", "--algorithm", "ES256", "--json"], { cwd });
    const listed = await assay(["keys", "list", "--json"], { cwd });
    expect(rotated.code).toBe(0);
    const { kid }: { kid: string } = JSON.parse(rotated.stdout);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      keys: expect.arrayContaining([expect.objectContaining({ kid, alg: "ES256", state: "next" })]),
    });
  });

  test("of a folder that is not there are refused with the mend", async () => {
    const { code, stderr } = await assay(["keys", "list"], { cwd: await temporaryDirectory() });
    expect(code).toBe(1);
    expect(stderr).toContain("data/keys");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

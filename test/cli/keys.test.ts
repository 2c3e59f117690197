import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assay } from "./run-assay.ts";

const listed = z.object({ keys: z.array(z.looseObject({ kind: z.string(), id: z.string(), state: z.string() })) });
const rotated = z.object({ made: z.array(z.looseObject({ kind: z.string(), id: z.string() })) });

/** The environment of an operator beside a server that runs. */
async function besideAServer(): Promise<NodeJS.ProcessEnv> {
  const { directory } = await startServer();
  return { ASSAY_STORE_URL: `sqlite:${directory}/assay.db`, ASSAY_KEYS_DIR: `${directory}/keys` };
}

describe("keys", () => {
  test("list names each key, its algorithm, state and times, and no material", async () => {
    const { code, stdout } = await assay(["keys", "list", "--json"], { env: await besideAServer() });
    expect(code).toBe(0);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    const common = { state: "active", created: time, activates_at: time };
    expect(JSON.parse(stdout)).toEqual({
      keys: [
        { kind: "signing", id: expect.stringMatching(/^[\w-]{43}$/), alg: "EdDSA", ...common },
        { kind: "mac", id: expect.stringMatching(/^mac-[0-9a-f]{8}$/), alg: "HS256", ...common },
        { kind: "data", id: expect.stringMatching(/^data-[0-9a-f]{8}$/), alg: "HKDF-SHA-256", ...common },
      ],
    });
  });

  test("rotate adds a signing key that comes next, of the algorithm asked for, while the server runs", async () => {
    const env = await besideAServer();
    const { code, stdout } = await assay(["keys", "rotate", "--algorithm", "ES256", "--json"], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ made: [{ kind: "signing", alg: "ES256", state: "next" }] });
    const [made] = rotated.parse(JSON.parse(stdout)).made;
    const { keys } = listed.parse(JSON.parse((await assay(["keys", "list", "--json"], { env })).stdout));
    expect(keys.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      "signing next",
      "signing active",
      "mac active",
      "data active",
    ]);
    expect(keys[0]?.id).toBe(made?.id);
    expect(keys[1]).toMatchObject({ retires_at: expect.any(String), removed_at: expect.any(String) });
  });

  test("rotate makes a key for refresh tokens when asked, and both when asked for both", async () => {
    const env = await besideAServer();
    const mac = await assay(["keys", "rotate", "--mac", "--json"], { env });
    expect(rotated.parse(JSON.parse(mac.stdout)).made.map(({ kind }) => kind)).toEqual(["mac"]);
    const both = await assay(["keys", "rotate", "--mac", "--signing", "--json"], { env });
    expect(rotated.parse(JSON.parse(both.stdout)).made.map(({ kind }) => kind)).toEqual(["signing", "mac"]);
  });

  test("list and rotate say it in words too", async () => {
    const env = await besideAServer();
    expect((await assay(["keys", "list"], { env })).stdout).toMatch(/signing {2}[\w-]{43}\n {2}state +active\n/);
    expect((await assay(["keys", "rotate"], { env })).stdout).toMatch(/state +next\n/);
  });

  test("rotate is refused without the master key, with the mend", async () => {
    const env = { ...(await besideAServer()), ASSAY_KEYS_DIR: await temporaryDirectory() };
    const { code, stderr } = await assay(["keys", "rotate"], { env });
    expect(code).toBe(1);
    expect(stderr).toContain("keys.master_key_file");
  });

  test("of a store that is not there are refused with the mend", async () => {
    const { code, stderr } = await assay(["keys", "list"], { cwd: await temporaryDirectory() });
    expect(code).toBe(1);
    expect(stderr).toContain("data/assay.db");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { folderWith, loadText, refusalOf, SOUND } from "./configuration-folder.ts";

const OTHER = SOUND.replace("https://auth.example", "https://other.example");

describe("which configuration is loaded", () => {
  test("without any file the built-in development configuration is served on loopback", async () => {
    const { config, source } = await loadConfig({ env: {}, cwd: folderWith() });
    expect(source).toBeUndefined();
    expect(config.development).toBe(true);
    expect(config.listen.address).toBe("127.0.0.1:50051");
    expect(config.clients.map((client) => client.client_id)).toEqual(["dev", "orders"]);
  });

  test("assay.yaml in the working folder is found", async () => {
    const cwd = folderWith({ "assay.yaml": SOUND });
    const { config, source } = await loadConfig({ env: {}, cwd });
    expect(source).toBe(join(cwd, "assay.yaml"));
    expect(config.issuer).toBe("https://auth.example");
    expect(config.development).toBe(false);
  });

  test("ASSAY_CONFIG goes before assay.yaml", async () => {
    const cwd = folderWith({ "assay.yaml": SOUND, "other.yaml": OTHER });
    const { config } = await loadConfig({ env: { ASSAY_CONFIG: "other.yaml" }, cwd });
    expect(config.issuer).toBe("https://other.example");
  });

  test("--config goes before ASSAY_CONFIG", async () => {
    const cwd = folderWith({ "one.yaml": SOUND, "other.yaml": OTHER });
    const { config } = await loadConfig({ path: "other.yaml", env: { ASSAY_CONFIG: "one.yaml" }, cwd });
    expect(config.issuer).toBe("https://other.example");
  });

  test("JSON is YAML too", async () => {
    const { config } = await loadText('{"development": true, "issuer": "http://localhost:1"}');
    expect(config.issuer).toBe("http://localhost:1");
  });

  test("ASSAY_DEVELOPMENT=false without a file leaves nothing of the development configuration", async () => {
    const error = await refusalOf(loadConfig({ env: { ASSAY_DEVELOPMENT: "false" }, cwd: folderWith() }));
    expect(error.mistakes.map(({ path }) => path)).toEqual(["issuer", "callers"]);
  });
});

describe("what cannot be a configuration is refused", () => {
  test.each([
    ["a file that does not exist", "absent.yaml", /cannot be read \(ENOENT\): correct the path/],
    ["a folder", ".", /cannot be read \(EISDIR\)/],
    ["a file over 1 MiB", "huge.yaml", /larger than 1 MiB/],
    ["a binary file", "binary.yaml", /not UTF-8 text/],
    ["broken syntax, with its place", "syntax.yaml", /\(line \d+, column \d+\): this is not YAML/],
    ["a key written twice, with its place", "twice.yaml", /\(line 2, column 1\): this key is written twice/],
    ["a list instead of a mapping", "list.yaml", /is a list: write a mapping/],
    ["an empty file", "empty.yaml", /issuer: is missing: add it/],
    ["an alias of nothing", "aliases.yaml", /aliases .* cannot be resolved/],
  ])("%s", async (_what, path, message) => {
    const error = await refusalOf(loadConfig({ path, env: {}, cwd: folderOfMistakes() }));
    expect(error.message).toMatch(message);
  });

  test("what follows a key written twice is judged all the same", async () => {
    const error = await refusalOf(loadConfig({ path: "twice.yaml", env: {}, cwd: folderOfMistakes() }));
    expect(error.message).toMatch(/nonsense \(line 3, column \d+\): is no known key/);
  });

  test.each(["--config", "ASSAY_CONFIG"])("an empty %s does not fall back to development", async (by) => {
    const options = by === "--config" ? { path: "", env: {} } : { env: { ASSAY_CONFIG: "" } };
    const error = await refusalOf(loadConfig({ ...options, cwd: folderWith() }));
    expect(error.message).toContain(`${by} is empty`);
  });
});

function folderOfMistakes(): string {
  return folderWith({
    "huge.yaml": `# ${"x".repeat(1_100_000)}`,
    "binary.yaml": new Uint8Array([0xff, 0xfe, 0x00]),
    "syntax.yaml": "issuer: [https://auth.example\nlog: {",
    "twice.yaml": "issuer: https://a.example\nissuer: https://b.example\nnonsense: 1\n",
    "list.yaml": "- issuer",
    "empty.yaml": "",
    "aliases.yaml": "issuer: *nowhere",
  });
}

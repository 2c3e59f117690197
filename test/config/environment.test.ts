import { describe, expect, test } from "vitest";
import { environmentVariables } from "../../src/config/environment-variables.ts";
import { loadConfig } from "../../src/config/load.ts";
import { folderWith, loadText, refusalOf, SOUND } from "./configuration-folder.ts";

const SECRET_HASH = "d".repeat(64);

describe("every key is settable by the environment", () => {
  test.each<[string, string, (config: Awaited<ReturnType<typeof loadText>>["config"]) => unknown, unknown]>([
    ["ASSAY_LISTEN_ADDRESS", "127.0.0.1:7", (config) => config.listen.address, "127.0.0.1:7"],
    ["ASSAY_STORE_URL", "redis://localhost", (config) => config.store.url, "redis://localhost"],
    [
      "ASSAY_STORE",
      "redis://:p%40ss@localhost:6379/2",
      (config) => config.store.url,
      "redis://:p%40ss@localhost:6379/2",
    ],
    ["ASSAY_STORE", "{url: 'sqlite:./x.db', timeout: 1s}", (config) => config.store.timeout, 1_000],
    ["ASSAY_STORE_UNSAFE_ALLOW_VOLATILE", "true", (config) => config.store.unsafe_allow_volatile, true],
    ["ASSAY_LISTEN_MAX_MESSAGE_BYTES", "4096", (config) => config.listen.max_message_bytes, 4_096],
    ["ASSAY_TELEMETRY_SAMPLE_RATIO", "0.5", (config) => config.telemetry.sample_ratio, 0.5],
    ["ASSAY_TOKENS_ACCESS_LIFETIME", "5m", (config) => config.tokens.access_lifetime, 300],
    ["ASSAY_WORKERS", "auto", (config) => config.workers, "auto"],
    ["ASSAY_WORKERS", "4", (config) => config.workers, 4],
    ["ASSAY_LOG_LEVEL", "debug", (config) => config.log.level, "debug"],
    ["ASSAY_TOKENS", '{"leeway": "3s"}', (config) => config.tokens.leeway, 3],
    [
      "ASSAY_CALLERS",
      `[{name: ops, secret_sha256: ["${SECRET_HASH}"], permissions: [watch]}]`,
      (config) => config.callers.map(({ name }) => name),
      ["ops"],
    ],
  ])("%s=%s", async (name, text, read, expected) => {
    const { config } = await loadText(SOUND, { [name]: text });
    expect(read(config)).toEqual(expected);
  });

  test("a key's own variable goes before the variable of its section, and both before the file", async () => {
    const env = { ASSAY_STORE: "redis://localhost", ASSAY_STORE_TIMEOUT: "2s" };
    const { config } = await loadText(`${SOUND}\n`, env);
    expect(config.store).toMatchObject({ url: "redis://localhost", timeout: 2_000 });
  });

  test("a setting within a store that the file writes as a URL keeps the URL", async () => {
    const { config } = await loadText(SOUND, { ASSAY_STORE_TIMEOUT: "2s" });
    expect(config.store).toMatchObject({ url: "sqlite:./assay.db", timeout: 2_000 });
  });

  test("the environment is laid over the built-in development configuration", async () => {
    const { config } = await loadConfig({ env: { ASSAY_STORE: "redis://localhost" }, cwd: folderWith() });
    expect(config).toMatchObject({ development: true, store: { url: "redis://localhost" } });
  });

  test("names follow from the schema and are unique", () => {
    const names = environmentVariables().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["ASSAY_ISSUER", "ASSAY_LISTEN_TLS_CLIENT_CA", "ASSAY_CLIENTS"]));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("mistakes in the environment", () => {
  test.each([
    ["ASSAY_LOG_LEVEL", "loud", /log\.level \(ASSAY_LOG_LEVEL\): is not one of the possible values/],
    ["ASSAY_DEVELOPMENT", "perhaps", /development \(ASSAY_DEVELOPMENT\): is text: write true or false/],
    ["ASSAY_CALLERS", "{", /callers \(ASSAY_CALLERS\): is text: write a list/],
    ["ASSAY_CALLERS", "[{name: x}]", /callers\[0\]\.permissions \(ASSAY_CALLERS\): is missing/],
    ["ASSAY_ISSUER", "", /issuer \(ASSAY_ISSUER\): is empty: give it a value or unset it/],
    ["ASSAY_STORE_TIMEOUT", "250", /store\.timeout \(ASSAY_STORE_TIMEOUT\): write a whole number with a unit/],
  ])("%s=%s is named", async (name, text, message) => {
    const error = await refusalOf(loadText(SOUND, { [name]: text }));
    expect(error.message).toMatch(message);
  });
});

describe("variables that set nothing", () => {
  test("a misspelt one is a warning that offers the nearest name and not the value", async () => {
    const { warnings } = await loadText(SOUND, { ASSAY_STORE_ULR: "redis://:hunter2@h" });
    expect(warnings).toEqual(["The environment variable ASSAY_STORE_ULR sets nothing: did you mean ASSAY_STORE_URL?"]);
  });

  test("one that is like none is a warning that offers none", async () => {
    const { warnings } = await loadText(SOUND, { ASSAY_BOGUS: "x" });
    expect(warnings).toEqual([
      "The environment variable ASSAY_BOGUS sets nothing: unset it, or see: assay config schema",
    ]);
  });

  test.each([
    ["ASSAY_SERVICE_HOST", "10.0.0.1"],
    ["ASSAY_SERVICE_PORT", "50051"],
    ["ASSAY_SERVICE_PORT_GRPC", "50051"],
    ["ASSAY_PORT", "tcp://10.0.0.1:50051"],
    ["ASSAY_PORT_50051_TCP", "tcp://10.0.0.1:50051"],
    ["ASSAY_PORT_50051_TCP_PROTO", "tcp"],
    ["ASSAY_PORT_50051_TCP_PORT", "50051"],
    ["ASSAY_PORT_50051_TCP_ADDR", "10.0.0.1"],
    ["ASSAY_REDIS_SERVICE_HOST", "10.0.0.2"],
    ["ASSAY_CONFIG", "assay.yaml"],
    ["ASSAY_ADDRESS", "127.0.0.1:1"],
    ["ASSAY_SECRET", "asy_cs_x"],
    ["ASSAY_TLS_CA", "ca.pem"],
  ])("%s is left alone: Kubernetes or the command line means it", async (name, text) => {
    const { warnings } = await loadText(SOUND, { [name]: text });
    expect(warnings).toEqual([]);
  });

  test("ASSAY_PORT set by hand is a warning", async () => {
    const { warnings } = await loadText(SOUND, { ASSAY_PORT: "50051" });
    expect(warnings).toEqual([expect.stringContaining("ASSAY_PORT sets nothing")]);
  });
});

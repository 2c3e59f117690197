import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { unsafeSettings } from "../../src/config/unsafe-settings.ts";
import { folderWith, loadText, SOUND } from "./configuration-folder.ts";

test("a development start names its unauthenticated caller, plaintext, reflection and http issuer", async () => {
  const { config } = await loadConfig({ env: {}, cwd: folderWith() });
  const settings = unsafeSettings(config);
  expect(settings).toHaveLength(4);
  expect(settings.join("\n")).toMatch(
    /^development: .*\nlisten\.tls is absent.*\nlisten\.reflection is on.*\nissuer is an http/,
  );
});

describe("each setting that is off is named", () => {
  test.each([
    ["ASSAY_STORE_UNSAFE_ALLOW_VOLATILE", "true", "store.unsafe_allow_volatile"],
    [
      "ASSAY_STORE",
      "{url: 'redis://u:hunter2@redis.example', unsafe_allow_plaintext: true}",
      "store.unsafe_allow_plaintext",
    ],
    ["ASSAY_STORE_ATTEST_DURABLE", "true", "store.attest_durable"],
    ["ASSAY_LISTEN_REFLECTION", "true", "listen.reflection"],
    [
      "ASSAY_ISSUERS",
      "[{issuer: 'https://i.example', jwks_uri: 'http://127.0.0.1:1/', allow_http_loopback: true, algorithms: [ES256], audiences: [a]}]",
      "the keys of https://i.example",
    ],
    [
      "ASSAY_ISSUERS",
      "[{issuer: 'https://i.example', discovery: true, keys: {allow_private_addresses: true}, algorithms: [ES256], audiences: [a]}]",
      "the keys of https://i.example may come from private addresses",
    ],
    [
      "ASSAY_EVENTS",
      "{receivers: [{name: siem, url: 'http://127.0.0.1:1/?hunter2', audience: a}]}",
      "siem is told of events in plaintext",
    ],
  ])("%s=%s", async (name, text, named) => {
    const { config } = await loadText(SOUND, { [name]: text });
    const settings = unsafeSettings(config).join("\n");
    expect(settings).toContain(named);
    expect(settings).not.toContain("hunter2");
  });

  test("a client that may plainly be configured is not", async () => {
    const { config } = await loadText(SOUND);
    expect(unsafeSettings(config)).toEqual([expect.stringContaining("listen.tls is absent")]);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { unsafeSettings } from "../../src/config/unsafe-settings.ts";
import { folderWith } from "./configuration-folder.ts";

const EXAMPLE = readFileSync(join(import.meta.dirname, "../../assay.example.yaml"), "utf8");

function judge(value: unknown): boolean {
  return z.fromJSONSchema(configJsonSchema()).safeParse(value).success;
}

function limited(permission: unknown) {
  return { issuer: "https://a.example", callers: [{ name: "a", permissions: [permission] }] };
}

describe("assay.example.yaml", () => {
  test("loads once its files exist, and leaves no safety setting off", async () => {
    const cwd = folderWith({
      "server.pem": "",
      "server-key.pem": "",
      "callers-ca.pem": "",
      "kubernetes-jwks.json": "",
      "siem-token": "",
    });
    const text = EXAMPLE.replaceAll(/\/etc\/assay(\/tls)?/g, cwd);
    const { config, warnings } = await loadConfig({
      path: join(folderWith({ "a.yaml": text }), "a.yaml"),
      env: {},
      cwd,
    });
    expect(unsafeSettings(config)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test("satisfies the JSON Schema", () => {
    expect(judge(parse(EXAMPLE))).toBe(true);
  });
});

describe("the JSON Schema", () => {
  test("takes a store as its URL alone", () => {
    expect(judge({ issuer: "https://a.example", store: "sqlite:./a.db" })).toBe(true);
  });

  test("takes a permission by its name, and with limits", () => {
    const permissions = ["watch", { permission: "revoke", audiences: ["a"], clients: ["web"] }];
    expect(judge({ issuer: "https://a.example", callers: [{ name: "a", permissions }] })).toBe(true);
  });

  test.each([
    ["an unknown key", { issuer: "https://a.example", isuer: "x" }],
    ["an absent issuer", {}],
    ["a duration without a unit", { issuer: "https://a.example", tokens: { leeway: "10" } }],
    ["an unknown permission", { issuer: "https://a.example", callers: [{ name: "a", permissions: ["all"] }] }],
    ["an unknown limit", limited({ permission: "revoke", client: ["web"] })],
    ["limits of no permission", limited({ clients: ["web"] })],
    ["an unknown permission with limits", limited({ permission: "all", clients: ["web"] })],
  ])("refuses %s", (_what, value) => {
    expect(judge(value)).toBe(false);
  });

  test("describes the keys", () => {
    expect(JSON.stringify(configJsonSchema())).toContain("Plaintext is allowed on loopback");
  });
});

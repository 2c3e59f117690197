import { describe, expect, test } from "vitest";
import { clientPolicies } from "../../src/compose/client-policies.ts";
import { greatestLifetimeMs } from "../../src/compose/greatest-lifetime.ts";
import { developmentCaller, knownCallers } from "../../src/compose/known-callers.ts";
import { storeKind } from "../../src/compose/open-store.ts";
import { type Config, type ConfigInput, configSchema } from "../../src/config/schema.ts";
import { PERMISSIONS } from "../../src/core/caller.ts";

function config(input: Partial<ConfigInput> = {}): Config {
  return configSchema.parse({ issuer: "https://assay.example", ...input });
}

const CLIENT = { client_id: "web", audiences: ["https://api.example"] };
const IDP = {
  issuer: "https://idp.example",
  algorithms: ["ES256" as const],
  audiences: ["https://idp-api.example"],
  discovery: true,
};

describe("a client's policy", () => {
  test("says what the configuration leaves out as `tokens` does", () => {
    const tokens = { access_lifetime: "5m", refresh_idle_lifetime: "1d", refresh_absolute_lifetime: "2d" };
    expect(clientPolicies(config({ clients: [CLIENT], tokens })).get("web")).toMatchObject({
      accessLifetime: 300,
      accessMaxLifetime: 3_600,
      refreshIdleLifetime: 86_400,
      refreshAbsoluteLifetime: 172_800,
      refreshGrace: 10,
      formats: ["jwt", "opaque"],
      grants: new Set(["mint", "refresh"]),
    });
  });

  test("is its own where it says something", () => {
    const client = { ...CLIENT, access_lifetime: "1m", refresh_grace: "0s", formats: ["opaque" as const] };
    expect(clientPolicies(config({ clients: [client] })).get("web")).toMatchObject({
      accessLifetime: 60,
      refreshGrace: 0,
      formats: ["opaque"],
    });
  });

  test("has no default above its own greatest", () => {
    const client = { ...CLIENT, access_max_lifetime: "1m", refresh_absolute_lifetime: "1h" };
    expect(clientPolicies(config({ clients: [client] })).get("web")).toMatchObject({
      accessLifetime: 60,
      refreshIdleLifetime: 3_600,
    });
  });
});

describe("the greatest lifetime", () => {
  const HOUR = 3_600_000;
  const DAY = 24 * HOUR;

  test("is that of a family and an access token minted at its end, with leeway", () => {
    expect(greatestLifetimeMs(config())).toBe(30 * DAY + HOUR + 10_000);
  });

  test("is a client's where that is greater", () => {
    const clients = [{ ...CLIENT, refresh_absolute_lifetime: "90d" }];
    expect(greatestLifetimeMs(config({ clients }))).toBe(90 * DAY + HOUR + 10_000);
  });

  test("is a foreign issuer's where that is greater", () => {
    expect(greatestLifetimeMs(config({ issuers: [{ ...IDP, max_lifetime: "60d" }] }))).toBe(60 * DAY + 20_000);
  });
});

describe("a caller", () => {
  const caller = { name: "api", permissions: ["introspect" as const], audiences: ["a"], certificate_san: ["DNS:api"] };

  test("has exactly what the configuration says", () => {
    const secret_sha256 = ["0f".repeat(32)];
    expect(knownCallers(config({ callers: [{ ...caller, secret_sha256, clients: ["web"] }] }))).toEqual([
      {
        caller: {
          name: "api",
          permissions: { introspect: { audiences: new Set(["a"]), clients: "all" } },
          serveStaleForMs: 0,
          cacheableForMs: 0,
          isContextTrusted: false,
        },
        certificateNames: ["DNS:api"],
        secretDigests: [Buffer.alloc(32, 0x0f)],
        isUnixSocket: false,
      },
    ]);
  });

  test("may act for all clients by a star, and for none by default", () => {
    const callers = [
      { ...caller, permissions: ["issue" as const], clients: ["*"] },
      { ...caller, permissions: ["issue" as const], name: "other" },
    ];
    const reaches = knownCallers(config({ callers })).map((known) => known.caller.permissions.issue?.clients);
    expect(reaches).toEqual(["all", new Set()]);
  });

  test("has permissions that are narrower than its own audiences and clients where they say so", () => {
    const permissions = [
      { permission: "introspect" as const, clients: ["web"] },
      { permission: "issue" as const, audiences: ["b"] },
      { permission: "revoke" as const, audiences: ["a"], clients: ["shop"] },
      "diagnose" as const,
    ];
    const callers = [{ ...caller, audiences: ["a", "b"], clients: ["web", "shop"], permissions }];
    expect(knownCallers(config({ callers }))[0]?.caller.permissions).toEqual({
      introspect: { audiences: new Set(["a", "b"]), clients: new Set(["web"]) },
      issue: { audiences: new Set(["b"]), clients: new Set(["web", "shop"]) },
      revoke: { audiences: new Set(["a"]), clients: new Set(["shop"]) },
      diagnose: { audiences: "all", clients: "all" },
    });
  });
});

describe("the caller of a development start", () => {
  test("may do everything, as every resource server that the configuration names", () => {
    const audiences = new Set(["https://api.example", "https://idp-api.example"]);
    const everything = { audiences: "all", clients: "all" };
    expect(developmentCaller(config({ development: true, clients: [CLIENT], issuers: [IDP] }))).toEqual({
      name: "development",
      permissions: {
        ...Object.fromEntries(PERMISSIONS.map((permission) => [permission, everything])),
        introspect: { audiences, clients: "all" },
      },
      serveStaleForMs: 0,
      cacheableForMs: 0,
      isContextTrusted: false,
    });
  });

  test("is not there otherwise", () => {
    expect(developmentCaller(config())).toBeUndefined();
  });
});

test.each([
  ["sqlite:./data/assay.db", "sqlite"],
  ["redis://127.0.0.1", "redis"],
  ["rediss://redis.internal:6380/1", "redis"],
])("the store at %s is of the kind %s", (url, kind) => {
  expect(storeKind(config({ store: url }))).toBe(kind);
});

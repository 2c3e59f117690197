import { beforeEach, expect, test } from "vitest";
import { API, clientPolicy, ISSUER, openTestCore, ORDERS, type TestCore } from "../../support/core-environment.ts";
import { mintedChain, refreshed } from "../../support/core-requests.ts";

let core: TestCore;

beforeEach(async () => {
  core = await openTestCore();
});

function narrowPolicy(changes: Parameters<typeof clientPolicy>[1]): void {
  core.environment = { ...core.environment, clients: new Map([["web", clientPolicy("web", changes)]]) };
}

test("a refresh that asks for less tells the new scope of the session", async () => {
  const { refresh, sid } = await mintedChain(core);
  await refreshed(core, refresh.token, { scopes: ["read"] });
  expect(core.events).toEqual([
    {
      name: "token-claims-change",
      at: core.now(),
      subject: {
        format: "complex",
        session: { format: "opaque", id: sid },
        user: { format: "iss_sub", iss: ISSUER, sub: "alice" },
      },
      details: { reason_admin: { en: "The client asked for less." }, claims: { scope: "read" } },
    },
  ]);
});

test("a policy that has become narrower is told as one, with all that it takes away", async () => {
  const { refresh } = await mintedChain(core, { audience: [API, ORDERS] });
  narrowPolicy({ scopes: new Set(["write"]), audiences: new Set([API]) });
  await refreshed(core, refresh.token);
  expect(core.events).toMatchObject([
    { details: { initiating_entity: "policy", claims: { scope: "write", aud: [API] } } },
  ]);
});

test("a token that is left without any scope says so", async () => {
  const { refresh } = await mintedChain(core);
  narrowPolicy({ scopes: new Set() });
  await refreshed(core, refresh.token);
  expect(core.events).toMatchObject([{ details: { claims: { scope: "" } } }]);
});

test.each<[string, string[]]>([
  ["all", []],
  ["all, in another order", ["write", "read"]],
])("a refresh for %s tells nothing", async (_what, scopes) => {
  const { refresh } = await mintedChain(core);
  await refreshed(core, refresh.token, { scopes });
  expect(core.events).toEqual([]);
});

test("a retry tells nothing again", async () => {
  const { refresh } = await mintedChain(core);
  await refreshed(core, refresh.token, { scopes: ["read"] });
  await refreshed(core, refresh.token, { scopes: ["read"] });
  expect(core.events).toHaveLength(1);
});

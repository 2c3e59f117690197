import { expect, test } from "vitest";
import { bindCaller } from "../../src/core/bind-caller.ts";
import { type Caller, type Permission, PERMISSIONS, type Reach } from "../../src/core/caller.ts";

const OWN = { audiences: new Set(["a", "b"]), clients: new Set(["web", "shop"]) };
const ALL: Reach = { audiences: "all", clients: "all" };

function bound(narrower: Partial<Reach>, own = OWN): Caller["permissions"] {
  return bindCaller({ name: "api", ...own, permissions: PERMISSIONS.map((permission) => [permission, narrower]) })
    .permissions;
}

test("a permission that nothing narrows reaches as far as the lists that limit it", () => {
  const byClients = { audiences: "all", clients: OWN.clients };
  expect(bound({})).toEqual({
    introspect: { audiences: OWN.audiences, clients: "all" },
    issue: byClients,
    revoke: byClients,
    watch: ALL,
    diagnose: ALL,
    admin: byClients,
  });
});

test.each(PERMISSIONS)("%s that is narrowed reaches what narrows it", (permission) => {
  const narrower = { audiences: new Set(["a"]), clients: new Set(["web"]) };
  expect(bound(narrower)[permission]).toEqual(narrower);
});

test.each(PERMISSIONS)("what narrows %s never widens it", (permission) => {
  const beyond = { audiences: new Set(["a", "c"]), clients: new Set(["web", "other"]) };
  expect(bound(beyond)[permission]).toEqual({ audiences: new Set(["a"]), clients: new Set(["web"]) });
  const nothing = { audiences: new Set<string>(), clients: new Set<string>() };
  expect(bound(beyond, nothing)[permission]).toEqual(nothing);
});

test("one permission can be narrowed alone", () => {
  const permissions: [Permission, Partial<Reach>][] = [
    ["introspect", {}],
    ["revoke", { clients: new Set(["web"]) }],
  ];
  expect(bindCaller({ name: "api", ...OWN, permissions }).permissions).toEqual({
    introspect: { audiences: OWN.audiences, clients: "all" },
    revoke: { audiences: "all", clients: new Set(["web"]) },
  });
});

test("who is bound stays as bound", () => {
  const caller = bindCaller({ name: "api", ...OWN, permissions: [["introspect", {}]] });
  expect(Object.isFrozen(caller)).toBe(true);
  expect(Object.isFrozen(caller.permissions)).toBe(true);
  expect(Object.isFrozen(caller.permissions.introspect)).toBe(true);
  expect(() => Object.assign(caller.permissions, { admin: ALL })).toThrow(TypeError);
  expect(() => Object.assign(caller.permissions.introspect ?? {}, ALL)).toThrow(TypeError);
});

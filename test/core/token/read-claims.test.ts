import { describe, expect, test } from "vitest";
import { toPayload } from "../../../src/core/token/payload.ts";
import { readClaims } from "../../../src/core/token/read-claims.ts";

const HONEST = { iss: "https://issuer.example", aud: "https://api.example", iat: 1_000, exp: 2_000 };
const read = (changes: Record<string, unknown>) => readClaims({ ...HONEST, ...changes });
const actors = (depth: number): unknown => (depth === 0 ? undefined : { sub: `a${depth}`, act: actors(depth - 1) });

describe("claims", () => {
  test("of every name are read, and what is unknown is kept aside", () => {
    const payload = {
      ...HONEST,
      aud: ["https://api.example", "https://orders.example"],
      sub: "alice",
      client_id: "web",
      scope: "read write",
      nbf: 1_000,
      jti: "t1",
      sid: "s1",
      cnf: { jkt: "thumbprint" },
      act: { sub: "orders", act: { sub: "web" } },
      auth_time: 900,
      acr: "2",
      amr: ["pwd", "otp"],
      username: "Alice",
    };
    expect(readClaims({ ...payload, tenant: { id: 1 } })).toEqual({ ...payload, extra: { tenant: { id: 1 } } });
  });

  test("that go into a payload come out of it the same", () => {
    const claims = read({ sub: "alice", scope: "read", tenant: 1 });
    expect(claims && readClaims(toPayload(claims))).toEqual(claims);
  });

  test("a registered name among the further claims never wins over the claim itself", () => {
    const claims = { ...HONEST, aud: ["https://api.example"], sub: undefined, extra: { sub: "eve", exp: 9_999 } };
    const payload: unknown = JSON.parse(JSON.stringify(toPayload(claims)));
    expect(payload).toEqual(HONEST);
  });

  test.each([
    ["aud as a string is a list of one", { aud: "a" }, { aud: ["a"] }],
    ["an empty scope is said by some issuers", { scope: "" }, { scope: "" }],
    ["exp 0 is a date", { exp: 0 }, { exp: 0 }],
    ["exp may be written as 2e3", { exp: Number("2e3") }, { exp: 2_000 }],
    ["the last second of the year 9999 is a date", { exp: 253_402_300_799 }, { exp: 253_402_300_799 }],
    ["four actors may act", { act: actors(4) }, { act: actors(4) }],
    ["a certificate may be confirmed", { cnf: { "x5t#S256": "x" } }, { cnf: { "x5t#S256": "x" } }],
    ["an unknown binding is still a binding", { cnf: { jwk: {} } }, { cnf: {} }],
    ["a known binding beside an unknown one is unknown", { cnf: { jkt: "x", kid: "y" } }, { cnf: {} }],
    ["an empty binding is still a binding", { cnf: {} }, { cnf: {} }],
    ["64 audiences are fine", { aud: Array(64).fill("a") }, { aud: Array(64).fill("a") }],
    ["a name may be 1,024 characters long", { sub: "s".repeat(1_024) }, { sub: "s".repeat(1_024) }],
    ["a pair of surrogates is a character", { sub: "😀" }, { sub: "😀" }],
  ])("%s", (_name, changes, expected) => {
    expect(read(changes)).toMatchObject(expected);
  });

  const texts: unknown[] = [null, "", 1, true, [], ["a"], {}, "x".repeat(1_025), "\uD800", "a\uDC00"];
  const lists: unknown[] = [
    null,
    "",
    1,
    true,
    {},
    [],
    [""],
    [1],
    ["a", null],
    [["a"]],
    Array(65).fill("a"),
    ["\uD800"],
  ];
  const dates: unknown[] = [
    null,
    "1500",
    true,
    [],
    {},
    -1,
    1_500.5,
    Infinity,
    -Infinity,
    NaN,
    253_402_300_800,
    2 ** 53,
  ];
  const scopes: unknown[] = [
    null,
    1,
    [],
    ["read"],
    {},
    " ",
    " a",
    "a ",
    "a  b",
    "a\tb",
    "a\n",
    'a"b',
    "a\\b",
    "é",
    "a\0",
  ];
  const objects: unknown[] = [null, "", "x", 1, true, [], ["x"]];

  test.each([
    ["iss", [undefined, ...texts]],
    ["sub", texts],
    ["client_id", texts],
    ["jti", texts],
    ["sid", texts],
    ["acr", texts],
    ["username", texts],
    ["aud", [undefined, ...lists]],
    ["amr", ["pwd", ...lists]],
    ["exp", [undefined, ...dates]],
    ["iat", [undefined, ...dates]],
    ["nbf", dates],
    ["auth_time", dates],
    ["scope", scopes],
    ["cnf", [...objects, { jkt: 1 }, { jkt: null }, { jkt: "" }, { "x5t#S256": ["x"] }]],
    ["act", [...objects, actors(5), { act: null }, { act: "x" }, { act: [] }, { sub: "a", act: { act: 1 } }]],
  ])("%s of a wrong type or out of bounds makes all of them unreadable", (name, values) => {
    for (const value of values) expect([value, read({ [name]: value })]).toEqual([value, undefined]);
  });
});

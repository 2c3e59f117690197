import { describe, expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import type { IssuerKeys } from "../../src/core/ports.ts";
import { openIssuerKeys, type RemoteLimits } from "../../src/keys/issuer-keys.ts";
import { foreignKeyPair } from "./foreign-key-pair.ts";
import { json, type KeyServer, startKeyServer } from "./key-server.ts";

const OIDC = "/.well-known/openid-configuration";
const OAUTH = "/.well-known/oauth-authorization-server";
const one = await foreignKeyPair("ES256", "one");
const ONE = { alg: "ES256", kid: "one" };

describe("keys are discovered", () => {
  test.each([
    ["at the OpenID Connect address", "", OIDC],
    ["at the OpenID Connect address of an issuer with a slash", "/", OIDC],
    ["at the OpenID Connect address of an issuer with a path", "/tenant", `/tenant${OIDC}`],
    ["at the OpenID Connect address of an issuer with a path and a slash", "/tenant/", `/tenant${OIDC}`],
  ])("%s", async (_, path, address) => {
    const { server, keys } = await start(path);
    publish(server, path, address);
    expect(await keys.find(ONE)).toBeDefined();
    expect(server.requests).toEqual([address, "/jwks"]);
  });

  test.each([
    ["at the RFC 8414 address when there is no other", "", OIDC, OAUTH],
    ["at the RFC 8414 address of an issuer with a path", "/tenant", `/tenant${OIDC}`, `${OAUTH}/tenant`],
  ])("%s", async (_, path, first, second) => {
    const { server, keys } = await start(path);
    publish(server, path, second);
    expect(await keys.find(ONE)).toBeDefined();
    expect(server.requests).toEqual([first, second, "/jwks"]);
  });

  test("once: the address is remembered while the keys are fetched again", async () => {
    const { server, keys } = await start("", { coolDown: 0 });
    publish(server, "", OIDC);
    await keys.find({ alg: "ES256", kid: "nobody" });
    await keys.find({ alg: "ES256", kid: "nobody" });
    expect(server.requests.filter((path) => path === OIDC)).toHaveLength(1);
    expect(server.requests.filter((path) => path === "/jwks").length).toBeGreaterThan(1);
  });

  test("again when the keys have moved", async () => {
    const { server, keys } = await start("", { coolDown: 0, maxAge: 0 });
    publish(server, "", OIDC);
    await keys.find(ONE);
    server.answers.delete("/jwks");
    server.answers.set(OIDC, json({ issuer: server.origin, jwks_uri: `${server.origin}/moved` }));
    server.answers.set("/moved", json({ keys: [one.publicJwk] }));
    expect(await keys.find(ONE).catch(async () => keys.find(ONE))).toBeDefined();
  });
});

describe("no keys are taken from a discovery document", () => {
  const DOCUMENTS: ReadonlyArray<[string, (origin: string) => unknown]> = [
    ["of another issuer", (origin) => ({ issuer: "https://other.example", jwks_uri: `${origin}/jwks` })],
    ["whose issuer has a slash more", (origin) => ({ issuer: `${origin}/`, jwks_uri: `${origin}/jwks` })],
    ["whose issuer is spelled in capitals", (origin) => ({ issuer: origin.toUpperCase(), jwks_uri: `${origin}/jwks` })],
    ["without an issuer", (origin) => ({ jwks_uri: `${origin}/jwks` })],
    ["without a jwks_uri", (origin) => ({ issuer: origin })],
    ["whose jwks_uri is http elsewhere", (origin) => ({ issuer: origin, jwks_uri: "http://issuer.example/jwks" })],
    ["whose jwks_uri is a file", (origin) => ({ issuer: origin, jwks_uri: "file:///etc/jwks.json" })],
    ["whose jwks_uri is inline data", (origin) => ({ issuer: origin, jwks_uri: `data:,{"keys":[]}` })],
    ["whose jwks_uri is relative", (origin) => ({ issuer: origin, jwks_uri: "/jwks" })],
    [
      "whose jwks_uri holds credentials",
      (origin) => ({ issuer: origin, jwks_uri: origin.replace("//", "//user:word@") }),
    ],
    ["that is a list", () => []],
    ["that is enormous", (origin) => ({ issuer: origin, jwks_uri: `${origin}/jwks`, more: "x".repeat(600_000) })],
  ];

  test.each(DOCUMENTS)("%s", async (_, document) => {
    const { server, keys } = await start("");
    publish(server, "", OIDC);
    server.answers.set(OIDC, json(document(server.origin)));
    await expect(keys.find(ONE)).rejects.toMatchObject({ code: "keys_unavailable" });
    expect(server.requests).toEqual([OIDC]);
  });

  test("that is broken, though the other address has one", async () => {
    const { server, keys } = await start("");
    publish(server, "", OAUTH);
    server.answers.set(OIDC, (_request, response) => response.writeHead(500).end());
    await expect(keys.find(ONE)).rejects.toBeInstanceOf(AssayError);
    expect(server.requests).toEqual([OIDC]);
  });
});

async function start(
  path: string,
  limits: Partial<RemoteLimits> = {},
): Promise<{ server: KeyServer; keys: IssuerKeys }> {
  const server = await startKeyServer();
  const keys = openIssuerKeys({ issuer: `${server.origin}${path}`, discovery: true, allowHttpLoopback: true, limits });
  return { server, keys };
}

function publish(server: KeyServer, issuerPath: string, address: string): void {
  server.answers.set(address, json({ issuer: `${server.origin}${issuerPath}`, jwks_uri: `${server.origin}/jwks` }));
  server.answers.set("/jwks", json({ keys: [one.publicJwk] }));
}

import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import { type IssuerKeysOptions, openIssuerKeys } from "../../src/keys/issuer-keys.ts";
import { eventually } from "../support/eventually.ts";
import { foreignKeyPair, verifies } from "./foreign-key-pair.ts";
import { compressedFlood, cutShort, drip, flood } from "./hostile-answers.ts";
import { json, type KeyServer, startKeyServer } from "./key-server.ts";

const one = await foreignKeyPair("ES256", "one");
const two = await foreignKeyPair("ES256", "two");
const ONE = { alg: "ES256", kid: "one" };
const TWO = { alg: "ES256", kid: "two" };
const NOBODY = { alg: "ES256", kid: "nobody" };

describe("keys at a jwks_uri", () => {
  test("are fetched when first needed, and once", async () => {
    const { server, keys } = await start();
    expect(server.requests).toEqual([]);
    expect(await verifies(await keys.find(ONE), "ES256", one.privateKey)).toBe(true);
    await keys.find(ONE);
    expect(server.requests).toEqual(["/jwks"]);
  });

  test("are fetched once for 100 calls at the same time", async () => {
    const { server, keys } = await start();
    const found = await Promise.all(Array.from({ length: 100 }, async () => keys.find(ONE)));
    expect(found.every((key) => key !== undefined)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test("are fetched again for a kid that is new", async () => {
    const { server, keys } = await start({ limits: { coolDown: 0 } });
    await keys.find(ONE);
    server.answers.set("/jwks", json({ keys: [one.publicJwk, two.publicJwk] }));
    expect(await verifies(await keys.find(TWO), "ES256", two.privateKey)).toBe(true);
  });

  test("are fetched once for any number of unknown kids within the cool-down", async () => {
    const { server, keys } = await start();
    await keys.find(ONE);
    for (let count = 0; count < 50; count += 1)
      expect(await keys.find({ alg: "ES256", kid: `${count}` })).toBeUndefined();
    expect(server.requests).toHaveLength(1);
  });

  test("are fetched again when they are too old, and what is no longer published is no longer found", async () => {
    const { server, keys } = await start({ limits: { maxAge: 0, coolDown: 0 } });
    expect(await keys.find(ONE)).toBeDefined();
    server.answers.set("/jwks", json({ keys: [two.publicJwk] }));
    expect(await keys.find(ONE)).toBeUndefined();
  });

  test("are not refused as a whole for the sake of a dangerous one, of which the log tells", async () => {
    const warnings: object[] = [];
    const log = { info: () => undefined, warn: (fields: object) => void warnings.push(fields) };
    const { server, keys } = await start({ log });
    server.answers.set("/jwks", json({ keys: [one.publicJwk, two.privateJwk] }));
    expect(await keys.find(ONE)).toBeDefined();
    expect(await keys.find(TWO)).toBeUndefined();
    expect(JSON.stringify(warnings)).toContain("index 1");
    expect(JSON.stringify(warnings)).not.toContain(two.privateJwk.d);
  });
});

describe("a source that is", () => {
  const SOURCES: ReadonlyArray<[string, RequestListener, string]> = [
    ["a stream of 100 MB", flood, "more than 524288 bytes"],
    ["compressed to hide its size", compressedFlood, "content-encoding"],
    ["not found", (_, response) => response.writeHead(404).end(), "404"],
    ["broken", (_, response) => response.writeHead(500).end(), "500"],
    ["without content", (_, response) => response.writeHead(204).end(), "204"],
    ["redirecting", (_, response) => response.writeHead(302, { location: "/other" }).end(), "redirect"],
    ["hanging up", (request) => request.socket.destroy(), ""],
    ["cut short", cutShort, ""],
    ["HTML", (_, response) => response.end("<html></html>"), "not JSON"],
    ["empty", (_, response) => response.end(), "not JSON"],
    ["binary", (_, response) => response.end(Buffer.from([0xc3, 0x28, 0xff])), ""],
    ["deep", (_, response) => response.end("[".repeat(200_000)), "not JSON"],
    [
      "deep and well-formed",
      (_, response) => response.end(`{"keys":${"[".repeat(200_000)}${"]".repeat(200_000)}}`),
      "JWK Set",
    ],
    ["no key set", json({ hello: "world" }), "JWK Set"],
  ];

  test.each(SOURCES)("%s makes the keys unavailable, with the cause for the log", async (_, answer, cause) => {
    const { server, keys } = await start();
    server.answers.set("/jwks", answer);
    server.answers.set("/other", json({ keys: [one.publicJwk] }));
    const error = await failure(keys.find(ONE));
    expect(error.message).not.toContain(server.origin);
    expect(causesOf(error)).toContain(cause);
    expect(server.requests).toEqual(["/jwks"]);
  });

  test.each<[string, RequestListener]>([
    ["silent", () => undefined],
    ["dripping", drip],
  ])("%s makes the keys unavailable when the time is up", async (_, answer) => {
    const { server, keys } = await start({ limits: { timeout: 300 } });
    server.answers.set("/jwks", answer);
    expect(causesOf(await failure(keys.find(ONE)))).toContain("timeout");
  });

  test("down is not asked again before it may have recovered", async () => {
    const { server, keys } = await start({ limits: { coolDown: 60_000 } });
    server.answers.delete("/jwks");
    for (let count = 0; count < 20; count += 1) await failure(keys.find(ONE));
    expect(server.requests).toHaveLength(1);
  });

  test("down leaves the keys in use that were fetched, and says of no kid that it is unknown", async () => {
    const { server, keys } = await start({ limits: { coolDown: 0 } });
    await keys.find(ONE);
    await server.down();
    await failure(keys.find(NOBODY));
    expect(await keys.find(ONE)).toBeDefined();
  });

  test("down for longer than keys may be used makes them unavailable", async () => {
    const { server, keys } = await start({ limits: { maxAge: 500, coolDown: 0, maxStale: 0 } });
    expect(await keys.find(ONE)).toBeDefined();
    await server.down();
    const ended = await eventually("the end of the keys", () => keys.find(ONE).then(absent, String));
    expect(ended).toContain("cannot be fetched");
  });

  test("back after it was down is used again", async () => {
    const { server, keys } = await start({ limits: { coolDown: 0 } });
    await server.down();
    await failure(keys.find(ONE));
    await server.up();
    expect(await keys.find(ONE)).toBeDefined();
  });
});

async function start(
  options: Partial<IssuerKeysOptions> = {},
): Promise<{ server: KeyServer; keys: ReturnType<typeof openIssuerKeys> }> {
  const server = await startKeyServer();
  server.answers.set("/jwks", json({ keys: [one.publicJwk] }));
  const issuer = "https://issuer.example";
  const keys = openIssuerKeys({
    issuer,
    discovery: false,
    jwksUri: `${server.origin}/jwks`,
    allowHttpLoopback: true,
    ...options,
  });
  return { server, keys };
}

function absent(): undefined {}

async function failure(finding: Promise<unknown>): Promise<AssayError> {
  const error: unknown = await finding.catch((thrown: unknown) => thrown);
  if (!(error instanceof AssayError)) throw new Error("the keys were available");
  expect(error.code).toBe("keys_unavailable");
  return error;
}

function causesOf(error: Error): string {
  return error.cause instanceof Error ? `${error.cause.message} ${causesOf(error.cause)}` : "";
}

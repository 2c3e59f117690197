import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { StartError } from "../../src/core/start-error.ts";
import { type IssuerKeysOptions, openIssuerKeys } from "../../src/keys/issuer-keys.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { foreignKeyPair, verifies } from "./foreign-key-pair.ts";

const one = await foreignKeyPair("ES256", "one");
const two = await foreignKeyPair("ES256", "two");
const ONE = { alg: "ES256", kid: "one" };
const TWO = { alg: "ES256", kid: "two" };
const FILE = { issuer: "https://issuer.example", discovery: false, allowHttpLoopback: false };

describe("a start is refused for an issuer", () => {
  const base = { ...FILE, allowHttpLoopback: true };
  test.each<[string, IssuerKeysOptions, string]>([
    ["without a source", base, "exactly one"],
    ["with two sources", { ...base, discovery: true, jwksUri: "https://issuer.example/jwks" }, "exactly one"],
    ["at http off loopback", { ...base, jwksUri: "http://issuer.example/jwks" }, "https"],
    ["at http on loopback unless it is allowed", { ...FILE, jwksUri: "http://127.0.0.1/jwks" }, "allow_http_loopback"],
    ["at a name that only begins like loopback", { ...base, jwksUri: "http://127.0.0.1.example/jwks" }, "https"],
    ["at a name that only begins like localhost", { ...base, jwksUri: "http://localhost.example/jwks" }, "https"],
    ["at a file address", { ...base, jwksUri: "file:///etc/jwks.json" }, "https"],
    ["at something that is no address", { ...base, jwksUri: "issuer.example/jwks" }, "https"],
    ["with credentials in the address", { ...base, jwksUri: "https://user:word@issuer.example/jwks" }, "credentials"],
    ["discovered at http off loopback", { ...base, issuer: "http://issuer.example", discovery: true }, "https"],
    [
      "discovered at an address with a query",
      { ...base, issuer: "https://issuer.example?a=b", discovery: true },
      "query",
    ],
    ["discovered at no address", { ...base, issuer: "issuer", discovery: true }, "https"],
  ])("%s", (_, options, mend) => {
    expect(() => openIssuerKeys(options)).toThrow(StartError);
    expect(() => openIssuerKeys(options)).toThrow(mend);
  });

  test.each(["https://issuer.example/jwks", "http://localhost:1/jwks", "http://127.1.2.3/jwks", "http://[::1]:1/jwks"])(
    "but not for one at %s where loopback is allowed",
    (jwksUri) => {
      expect(() => openIssuerKeys({ ...base, jwksUri })).not.toThrow();
    },
  );
});

describe("a JWKS file", () => {
  test("is read at the start", async () => {
    const path = await fileWith({ keys: [one.publicJwk] });
    const keys = openIssuerKeys({ ...FILE, jwksFile: path });
    expect(await verifies(await keys.find(ONE), "ES256", one.privateKey)).toBe(true);
    expect(await keys.find(TWO)).toBeUndefined();
  });

  test("is read again when it has changed", async () => {
    const path = await fileWith({ keys: [one.publicJwk] });
    const keys = openIssuerKeys({ ...FILE, jwksFile: path });
    await writeFile(path, JSON.stringify({ keys: [two.publicJwk] }));
    await eventually("the new key", async () => keys.find(TWO));
    expect(await keys.find(ONE)).toBeUndefined();
  });

  test("that vanishes makes the keys unavailable until it is back", async () => {
    const path = await fileWith({ keys: [one.publicJwk] });
    const keys = openIssuerKeys({ ...FILE, jwksFile: path });
    await rm(path);
    const error = await eventually("an error", async () =>
      keys.find(ONE).then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
    );
    expect(error).toMatchObject({ code: "keys_unavailable" });
    await writeFile(path, JSON.stringify({ keys: [one.publicJwk] }));
    await eventually("the key again", async () => keys.find(ONE).catch(() => undefined));
  });

  test.each<[string, unknown]>([
    ["holds a private key", { keys: [one.publicJwk, two.privateJwk] }],
    ["holds a symmetric key", { keys: [one.publicJwk, { kty: "oct", k: "c2VjcmV0" }] }],
    ["holds no key", { keys: [] }],
    ["holds a single key", one.publicJwk],
    ["is enormous", { keys: [one.publicJwk], more: "x".repeat(600_000) }],
  ])("that %s refuses the start", async (_, content) => {
    expect(await refusal(await fileWith(content))).not.toContain(two.privateJwk.d);
  });

  test("that is not JSON refuses the start", async () => {
    const path = await fileWith({});
    await writeFile(path, "-----BEGIN PUBLIC KEY-----");
    expect(await refusal(path)).not.toContain("BEGIN");
  });

  test("that is a directory refuses the start", async () => {
    const path = join(await temporaryDirectory(), "jwks.json");
    await mkdir(path);
    expect(await refusal(path)).toContain("not a regular file");
  });

  test("that does not exist refuses the start", async () => {
    expect(await refusal(join(await temporaryDirectory(), "jwks.json"))).toContain("does not exist");
  });

  test("may be read by everyone, for it holds nothing secret", async () => {
    const path = await fileWith({ keys: [one.publicJwk] });
    await chmod(path, 0o644);
    expect(await openIssuerKeys({ ...FILE, jwksFile: path }).find(ONE)).toBeDefined();
  });
});

async function fileWith(content: unknown): Promise<string> {
  const path = join(await temporaryDirectory(), "jwks.json");
  await writeFile(path, JSON.stringify(content));
  return path;
}

async function refusal(path: string): Promise<string> {
  const error = await Promise.resolve()
    .then(() => openIssuerKeys({ ...FILE, jwksFile: path }))
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof StartError)) throw new Error("the start was not refused");
  expect(error.message).toContain(path);
  return error.message;
}

import { createServer } from "node:https";
import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadIssuerKeys } from "../../src/keys/issuer-keys.ts";
import { isReachable, lookupReachable } from "../../src/keys/reachable-address.ts";
import { makeCertificates } from "../support/certificates.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

function forbidden(hostname: string): Error {
  return new Error(`${hostname} is not to be reached`);
}

describe("an address from which keys may be fetched", () => {
  test.each([
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:800::200e",
  ])("is public: %s", (address) => {
    expect(isReachable(address, "public")).toBe(true);
  });

  test.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
  ])("is not public: %s", (address) => {
    expect(isReachable(address, "public")).toBe(false);
    expect(isReachable(address, "any")).toBe(true);
  });

  test.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["10.0.0.1", false],
    ["8.8.8.8", false],
    ["::ffff:127.0.0.1", false],
  ])("is of this machine: %s is so: %s", (address, expected) => {
    expect(isReachable(address, "loopback")).toBe(expected);
  });
});

describe("a name", () => {
  test.each([true, false])("that leads to this machine is not looked up to an address (all: %s)", async (all) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    lookupReachable("public", forbidden)("localhost", { all }, (error, address) => resolve(error ?? address));
    expect(await promise).toEqual(forbidden("localhost"));
  });

  test("that leads to this machine is, where that is allowed", async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    lookupReachable("loopback", forbidden)("localhost", {}, (error, address) => resolve(error ?? address));
    expect(["127.0.0.1", "::1"]).toContain(await promise);
  });
});

describe("keys at https", () => {
  test.each(["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"])(
    "are not asked for at %s, unless that is named",
    async (host) => {
      const { port, connections } = await startTlsServer();
      const options = { ...ISSUER, jwksUri: `https://${host}:${port}/jwks` };
      await expect(loadIssuerKeys(options)).rejects.toMatchObject({ outcome: "forbidden_address" });
      expect(connections()).toBe(0);
    },
  );

  test("are asked for at a private address that is named, but not of a stranger", async () => {
    const { port, connections } = await startTlsServer();
    const options = { ...ISSUER, jwksUri: `https://localhost:${port}/jwks`, allowPrivateAddresses: true };
    await expect(loadIssuerKeys(options)).rejects.toMatchObject({
      outcome: "unreachable",
      cause: { code: expect.stringMatching(/CERT|ISSUER|SIGNATURE/) },
    });
    expect(connections()).toBeGreaterThan(0);
  });
});

const ISSUER = { issuer: "https://idp.example", discovery: false, allowHttpLoopback: true };

async function startTlsServer(): Promise<{ port: number; connections: () => number }> {
  const { server: pair } = await makeCertificates(await temporaryDirectory());
  let connections = 0;
  const server = createServer({ cert: pair.certificate, key: pair.key }, (_request, response) => {
    response.end('{"keys":[]}');
  });
  server.on("connection", () => (connections += 1));
  server.listen(0, "localhost");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return { port: address.port, connections: () => connections };
}

import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { expect, test } from "vitest";
import { type Certificates, makeCertificates, selfSigned } from "../support/certificates.ts";
import { API, startServer, testCaller, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const bySecret = testCaller({ name: "by-secret", permissions: ["introspect"], audiences: [API] });
const byName = {
  name: "by-name",
  certificate_san: ["URI:spiffe://fleet/api", "DNS:api.internal"],
  permissions: ["introspect" as const],
  audiences: [API],
};

type Setup = { server: TestServer; certificates: Certificates; directory: string };

async function secureServer(clients: "none" | "optional" | "required"): Promise<Setup> {
  const directory = await temporaryDirectory();
  const certificates = await makeCertificates(directory);
  const { certificateFile: certificate, keyFile: key } = certificates.server;
  const clientCa = { client_ca: certificates.caFile, require_client_certificate: clients === "required" };
  const server = await startServer({
    development: false,
    listen: {
      address: "127.0.0.1:0",
      shutdown_grace: "1h",
      tls: { certificate, key, ...(clients === "none" ? {} : clientCa) },
    },
    callers: [bySecret.entry, byName],
  });
  return { server, certificates, directory };
}

async function introspectAs({ server, certificates }: Setup, names: string | undefined, secret?: string) {
  const pair = names === undefined ? {} : await certificates.client(names);
  const client = server.client({ tls: { ca: certificates.ca, ...pair }, ...(secret === undefined ? {} : { secret }) });
  return client.introspect({ token: "x" }, { deadline: new Date(Date.now() + 10_000) });
}

const UNKNOWN = { code: "UNAUTHENTICATED", reason: "CALLER_UNKNOWN" };

test("a secret is good over TLS", async () => {
  expect(await introspectAs(await secureServer("none"), undefined, bySecret.secret)).toEqual({});
});

test.each(["URI:spiffe://fleet/api", "DNS:api.internal", "DNS:other.internal,URI:spiffe://fleet/api"])(
  "a client certificate for %s is the caller that the configuration says",
  async (names) => {
    const setup = await secureServer("required");
    expect(await introspectAs(setup, names)).toEqual({});
    expect(setup.server.log()).toContain('"caller":"by-name"');
  },
);

test.each([
  "URI:spiffe://fleet/api/v2",
  "URI:spiffe://fleet",
  "URI:SPIFFE://fleet/api",
  "DNS:*.internal",
  "DNS:API.internal",
  "email:api.internal",
  "DNS:spiffe.//fleet/api",
  "",
])("a client certificate for '%s' is nobody's: names match exactly or not at all", async (names) => {
  await expect(introspectAs(await secureServer("required"), names)).rejects.toMatchObject(UNKNOWN);
});

test("a caller that presents both must be the same by both", async () => {
  const setup = await secureServer("optional");
  await expect(introspectAs(setup, "DNS:api.internal", bySecret.secret)).rejects.toMatchObject(UNKNOWN);
  await expect(introspectAs(setup, "DNS:unknown.internal", bySecret.secret)).rejects.toMatchObject(UNKNOWN);
});

test("where certificates are optional a secret alone will do, and nothing at all will not", async () => {
  const setup = await secureServer("optional");
  expect(await introspectAs(setup, undefined, bySecret.secret)).toEqual({});
  await expect(introspectAs(setup, undefined)).rejects.toMatchObject(UNKNOWN);
});

test("where certificates are required a secret alone does not come through the door", async () => {
  await expect(introspectAs(await secureServer("required"), undefined, bySecret.secret)).rejects.toMatchObject({
    code: "UNAVAILABLE",
  });
});

test.each(["optional", "required"] as const)(
  "a certificate that no known authority signed is refused, with a good secret too, where certificates are %s",
  async (clients) => {
    const setup = await secureServer(clients);
    const pair = await selfSigned(setup.directory, "forged");
    const client = setup.server.client({ tls: { ca: setup.certificates.ca, ...pair }, secret: bySecret.secret });
    await expect(client.introspect({ token: "x" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  },
);

type Handshake = { protocol: string | null; cipher: string; alpn: string | false | null } | { refused: string };

/** What comes of a handshake with the server. */
async function handshake({ server, certificates }: Setup, options: ConnectionOptions): Promise<Handshake> {
  const port = Number(server.address.split(":").at(-1));
  const socket = connect({ host: "127.0.0.1", port, ca: certificates.ca, ALPNProtocols: ["h2"], ...options });
  try {
    await once(socket, "secureConnect");
    return { protocol: socket.getProtocol(), cipher: socket.getCipher().name, alpn: socket.alpnProtocol };
  } catch (error) {
    return { refused: error instanceof Error && "code" in error ? String(error.code) : "unknown" };
  } finally {
    socket.destroy();
  }
}

test("TLS 1.3 and 1.2 are spoken, with an AEAD", async () => {
  const setup = await secureServer("none");
  expect(await handshake(setup, {})).toMatchObject({ protocol: "TLSv1.3", alpn: "h2" });
  expect(await handshake(setup, { maxVersion: "TLSv1.2" })).toMatchObject({
    protocol: "TLSv1.2",
    cipher: expect.stringMatching(/GCM|CHACHA20/),
  });
});

test.each<[string, ConnectionOptions]>([
  ["TLS 1.1", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }],
  ["a suite without AEAD", { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA" }],
  ["another protocol than h2", { ALPNProtocols: ["http/1.1"] }],
])("a handshake with %s is refused", async (_what, options) => {
  expect(await handshake(await secureServer("none"), options)).toEqual({ refused: expect.stringContaining("ALERT") });
});

test("a client that names no protocol is cut off", async () => {
  const setup = await secureServer("none");
  const port = Number(setup.server.address.split(":").at(-1));
  const socket = connect({ host: "127.0.0.1", port, ca: setup.certificates.ca });
  socket.on("error", () => undefined);
  await once(socket.resume(), "close");
  expect(socket.destroyed).toBe(true);
});

test("plaintext spoken to a TLS port is cut off, and the server goes on", async () => {
  const setup = await secureServer("none");
  const port = Number(setup.server.address.split(":").at(-1));
  const socket = connectPlain({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  socket.end("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  await once(socket.resume(), "close");
  expect(await introspectAs(setup, undefined, bySecret.secret)).toEqual({});
});

test("a connection in the middle of its handshake does not hold up a stop, nor does one that says nothing after it", async () => {
  const setup = await secureServer("none");
  const port = Number(setup.server.address.split(":").at(-1));
  const halfWay = connectPlain({ host: "127.0.0.1", port });
  const silent = connect({ host: "127.0.0.1", port, ca: setup.certificates.ca, ALPNProtocols: ["h2"] });
  for (const socket of [halfWay, silent]) socket.on("error", () => undefined).resume();
  await Promise.all([once(halfWay, "connect"), once(silent, "secureConnect")]);
  await introspectAs(setup, undefined, bySecret.secret);
  const closed = Promise.all([once(halfWay, "close"), once(silent, "close")]);
  await setup.server.stop();
  await closed;
  expect([halfWay.destroyed, silent.destroyed]).toEqual([true, true]);
});

import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StartError } from "../../src/core/start-error.ts";
import { makeCertificates } from "../support/certificates.ts";
import { startServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

async function refusal(listen: NonNullable<Parameters<typeof startServer>[0]>["listen"]): Promise<string> {
  const error: unknown = await startServer({ listen }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StartError)) throw new Error("the start was not refused", { cause: error });
  return error.message;
}

test.each([
  ["127.0.0.1:0", /^127\.0\.0\.1:\d+$/],
  ["localhost:0", /^(127\.0\.0\.1|\[::1\]):\d+$/],
  ["[::1]:0", /^\[::1\]:\d+$/],
])("listens on %s and says where", async (address, bound) => {
  const server = await startServer({ listen: { address } });
  expect(server.address).toMatch(bound);
  expect(await server.client().introspect({ token: "x" })).toMatchObject({
    inactive_reason: "INACTIVE_REASON_MALFORMED",
  });
});

test("plaintext is refused where it could be overheard", async () => {
  expect(await refusal({ address: "0.0.0.0:0" })).toBe(
    "Cannot listen on 0.0.0.0 in plaintext: tokens would cross the network in the clear. Set listen.tls, or listen on a loopback address or a Unix socket.",
  );
});

test("a port in use is named, with the mend", async () => {
  const { address } = await startServer();
  expect(await refusal({ address })).toBe(
    `Cannot listen on ${address}: the port is in use. Stop the process that listens there, or set listen.address (ASSAY_LISTEN_ADDRESS) to another port.`,
  );
});

test("an address of another machine is named, with the mend", async () => {
  const directory = await temporaryDirectory();
  const { server } = await makeCertificates(directory);
  const tls = { certificate: server.certificateFile, key: server.keyFile };
  expect(await refusal({ address: "192.0.2.1:50051", tls })).toContain("is not an address of this machine");
});

test("a Unix socket is for the owner and the group, and goes with the server", async () => {
  const path = join(await temporaryDirectory(), "assay.sock");
  const server = await startServer({ listen: { address: `unix:${path}` } });
  expect(server.address).toBe(`unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o660);
  expect(await server.client().introspect({ token: "x" })).toMatchObject({
    inactive_reason: "INACTIVE_REASON_MALFORMED",
  });
  await server.stop();
  expect(existsSync(path)).toBe(false);
});

test("a socket file that a dead process left is replaced", async () => {
  const path = join(await temporaryDirectory(), "assay.sock");
  await leaveSocketBehind(path);
  const server = await startServer({ listen: { address: `unix:${path}` } });
  expect(await server.client().introspect({ token: "x" })).toMatchObject({
    inactive_reason: "INACTIVE_REASON_MALFORMED",
  });
});

test("a socket on which somebody answers is left alone", async () => {
  const path = join(await temporaryDirectory(), "assay.sock");
  const other = createServer().listen({ path });
  await once(other, "listening");
  onTestFinished(() => void other.close());
  expect(await refusal({ address: `unix:${path}` })).toContain("another process listens there");
  expect(existsSync(path)).toBe(true);
});

test("a file that is no socket is left alone", async () => {
  const path = join(await temporaryDirectory(), "assay.sock");
  writeFileSync(path, "precious");
  expect(await refusal({ address: `unix:${path}` })).toContain("something that is not a socket is there");
  expect(existsSync(path)).toBe(true);
});

test("a socket in a directory that does not exist is named, with the mend", async () => {
  const path = join(await temporaryDirectory(), "missing", "assay.sock");
  expect(await refusal({ address: `unix:${path}` })).toBe(
    `Cannot listen on unix:${path}: its directory does not exist. Make it, or set listen.address to another path.`,
  );
});

/** A process that is killed removes nothing. */
async function leaveSocketBehind(path: string): Promise<void> {
  const { execFile } = await import("node:child_process");
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await once(execFile(process.execPath, ["-e", script]), "exit");
  expect(existsSync(path)).toBe(true);
}

test.each<[string, (directory: string) => Promise<{ certificate: string; key: string; client_ca?: string }>, string]>([
  [
    "a certificate that is missing",
    async (directory) => ({ ...(await files(directory)), certificate: join(directory, "none.pem") }),
    "of listen.tls.certificate cannot be read",
  ],
  [
    "a certificate that is not PEM",
    async (directory) => ({ ...(await files(directory)), certificate: text(directory, "not PEM") }),
    "of listen.tls.certificate holds no PEM certificate",
  ],
  [
    "a certificate that is damaged",
    async (directory) => ({
      ...(await files(directory)),
      certificate: text(directory, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    }),
    "of listen.tls.certificate holds no PEM certificate",
  ],
  [
    "a key that is not PEM",
    async (directory) => ({ ...(await files(directory)), key: text(directory, "not PEM") }),
    "of listen.tls.key holds no PEM private key",
  ],
  [
    "another certificate's key",
    async (directory) => ({ ...(await files(directory)), key: join(directory, "ca.key") }),
    "does not belong to the certificate",
  ],
  [
    "authorities that are not PEM",
    async (directory) => ({ ...(await files(directory)), client_ca: text(directory, "not PEM") }),
    "of listen.tls.client_ca holds no PEM certificate",
  ],
])("a start with %s is refused, naming the setting and the file", async (_what, make, message) => {
  const tls = await make(await temporaryDirectory());
  expect(await refusal({ address: "127.0.0.1:0", tls })).toContain(message);
});

async function files(directory: string): Promise<{ certificate: string; key: string }> {
  const { server } = await makeCertificates(directory);
  return { certificate: server.certificateFile, key: server.keyFile };
}

function text(directory: string, content: string): string {
  const path = join(directory, "bad.pem");
  writeFileSync(path, content);
  return path;
}

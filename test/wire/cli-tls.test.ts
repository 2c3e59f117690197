import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { assay } from "../cli/run-assay.ts";
import { makeCertificates, selfSigned } from "../support/certificates.ts";
import type { Certificates } from "../support/certificates.ts";
import { API, startServer, testCaller } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const CLIENT_NAME = "URI:spiffe://assay.example/api";
const INTROSPECT = ["introspect", "garbage", "--json"];

type Served = { server: TestServer; certificates: Certificates; directory: string; secret: string };

/** A server off development that speaks TLS and knows two callers: one by a secret, one by a certificate. */
async function serveTls(names?: string): Promise<Served> {
  const directory = await temporaryDirectory();
  const certificates = await makeCertificates(directory);
  const own = names === undefined ? certificates.server : await certificates.client(names);
  const bySecret = testCaller({ name: "desk", permissions: ["introspect"], audiences: [API] });
  const server = await startServer({
    development: false,
    listen: {
      tls: { certificate: own.certificateFile, key: own.keyFile, client_ca: certificates.caFile },
    },
    callers: [
      bySecret.entry,
      { name: "api", certificate_san: [CLIENT_NAME], permissions: ["introspect"], audiences: [API] },
    ],
  });
  return { server, certificates, directory, secret: bySecret.secret };
}

describe("a command over TLS", () => {
  test.each(["127.0.0.1", "localhost"])("reaches %s, and its secret is recognised", async (host) => {
    const { server, certificates, secret } = await serveTls();
    const address = server.address.replace("127.0.0.1", host);
    const words = [...INTROSPECT, "--address", address, "--tls-ca", certificates.caFile];
    const { code, stdout } = await assay(words, { env: { ASSAY_SECRET: secret } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '{"active":false}\n' });
  });

  test("takes its options from the environment and its secret from a file", async () => {
    const { server, certificates, secret, directory } = await serveTls();
    await writeFile(join(directory, "secret"), `${secret}\n`);
    const env = { ASSAY_ADDRESS: server.address, ASSAY_TLS_CA: certificates.caFile };
    const { code } = await assay([...INTROSPECT, "--secret-file", join(directory, "secret")], { env });
    expect(code).toBe(1);
  });

  test("is recognised by its certificate", async () => {
    const { server, certificates } = await serveTls();
    const { certificateFile, keyFile } = await certificates.client(CLIENT_NAME);
    const tls = ["--tls-ca", certificates.caFile, "--tls-cert", certificateFile, "--tls-key", keyFile];
    const { code, stdout } = await assay([...INTROSPECT, "--address", server.address, ...tls]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '{"active":false}\n' });
  });

  test("without credentials is told how to say who calls", async () => {
    const { server, certificates } = await serveTls();
    const words = ["introspect", "garbage", "--address", server.address, "--tls-ca", certificates.caFile];
    const { code, stderr } = await assay(words);
    expect(code).toBe(3);
    expect(stderr).toMatch(/CALLER_UNKNOWN: .*\nSay who calls: set ASSAY_SECRET/);
  });

  test("does not speak to a server whose authority it does not trust", async () => {
    const { server, directory, secret } = await serveTls();
    const stranger = await selfSigned(directory, "stranger");
    const words = ["introspect", "garbage", "--address", server.address, "--tls-ca", stranger.certificateFile];
    const { code, stderr } = await assay(words, { env: { ASSAY_SECRET: secret } });
    expect(code).toBe(3);
    expect(stderr).toContain("name its authorities with --tls-ca");
  });

  test("does not speak to a server whose certificate names another address", async () => {
    const { server, certificates, secret } = await serveTls("IP:127.0.0.9,DNS:localhost");
    const words = ["introspect", "a", "--address", server.address, "--tls-ca", certificates.caFile];
    const { code, stderr } = await assay(words, { env: { ASSAY_SECRET: secret } });
    expect(code).toBe(3);
    expect(stderr).toContain("is not trusted for this address");
  });
});

describe("health without an address asks where the configuration listens", () => {
  test("and knows the server by the certificate that is configured", async () => {
    const served = await serveTls();
    const { certificateFile, keyFile } = served.certificates.server;
    expect(await healthOf(served, certificateFile, keyFile)).toBe(0);
  });

  test("and is not content with whoever listens there", async () => {
    const served = await serveTls();
    const { certificateFile, keyFile } = await selfSigned(served.directory, "stranger");
    expect(await healthOf(served, certificateFile, keyFile)).toBe(3);
  });
});

async function healthOf({ server }: Served, certificate: string, key: string): Promise<number | null> {
  const cwd = await temporaryDirectory();
  const yaml = `issuer: https://a.example
listen: { address: "${server.address}", tls: { certificate: ${certificate}, key: ${key} } }
callers: [{ name: a, secret_sha256: ["${"a".repeat(64)}"], permissions: [watch] }]`;
  await writeFile(join(cwd, "assay.yaml"), yaml);
  return (await assay(["health"], { cwd })).code;
}

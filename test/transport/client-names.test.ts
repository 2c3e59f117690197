import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { clientNames } from "../../src/transport/grpc/client-names.ts";
import { makeCertificates } from "../support/certificates.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

async function namesOf(subjectAltName: string): Promise<readonly string[]> {
  const certificates = await makeCertificates(await temporaryDirectory());
  const { certificate } = await certificates.client(subjectAltName);
  return clientNames(new X509Certificate(certificate).raw);
}

test("URIs and DNS names are names, addresses and mailboxes are not", async () => {
  const names = await namesOf("URI:spiffe://fleet/api,DNS:api.internal,IP:127.0.0.1,email:a@b.example");
  expect(names).toEqual(["URI:spiffe://fleet/api", "DNS:api.internal"]);
});

test("a certificate without alternative names has none, whatever its common name", async () => {
  expect(await namesOf("")).toEqual([]);
});

test("a name that smuggles in a second one makes the certificate nameless (CVE-2021-44532)", async () => {
  expect(
    await namesOf(String.raw`@names
[names]
URI.1 = spiffe://evil\, DNS:api.internal`),
  ).toEqual([]);
});

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Config } from "../../config/schema.ts";
import { expirySays } from "./expiry.ts";
import { fault, type Finding, messageOf, type Said } from "./finding.ts";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

type Files = { certificate?: string | undefined; key?: string | undefined; ca?: string | undefined };

/**
 * Whether the certificates hold now, and for how long, that Assay serves with and judges callers by, or shows to its store or
 * authorities and knows them by. `now` in milliseconds.
 */
export async function examineCertificates(
  { listen: { tls }, store, upstream }: Config,
  now: number,
): Promise<Finding[]> {
  const sets: Files[] = [
    ...(tls === undefined ? [] : [{ certificate: tls.certificate, key: tls.key, ca: tls.client_ca }]),
    ...(store.tls === undefined ? [] : [store.tls]),
    ...(upstream?.tls === undefined ? [] : [upstream.tls]),
  ];
  const findings = await Promise.all(sets.map((files) => examineFiles(files, now)));
  return findings.flat();
}

async function examineFiles({ certificate, key, ca }: Files, now: number): Promise<Finding[]> {
  const paths = [certificate, ca].filter((path) => path !== undefined);
  const findings = await Promise.all(paths.map((path) => examineFile(path, now)));
  const pair = certificate === undefined || key === undefined ? [] : await examineKey(certificate, key);
  return [...findings.flat(), ...pair];
}

async function examineFile(path: string, now: number): Promise<Finding[]> {
  const subject = `certificate ${path}`;
  try {
    const certificates = await readCertificates(path);
    if (certificates.length === 0) throw new Error("it holds no certificate in PEM");
    return certificates.map((certificate) => ({ subject, ...validity(certificate, now) }));
  } catch (error) {
    return [{ subject, state: "fault", says: `Cannot be read: ${messageOf(error)}. Put a PEM file there.` }];
  }
}

function validity(certificate: X509Certificate, now: number): Said {
  const { validFromDate: from, validToDate: to } = certificate;
  const name = certificate.subject.replaceAll("\n", ", ");
  if (from.getTime() > now)
    return fault(`${name} is not valid before ${from.toISOString()}. Correct the clock, or wait.`);
  return expirySays(name, to, now);
}

async function examineKey(certificatePath: string, keyPath: string): Promise<Finding[]> {
  const subject = `private key ${keyPath}`;
  try {
    const [certificate] = await readCertificates(certificatePath);
    const fits = certificate?.checkPrivateKey(createPrivateKey(await readFile(keyPath)));
    if (fits !== false) return [];
    return [
      { subject, state: "fault", says: `Is not the key of ${certificatePath}. Put the two that belong together.` },
    ];
  } catch {
    // Without the cause, which could quote what it read.
    return [{ subject, state: "fault", says: "Cannot be read as an unencrypted private key in PEM. Replace it." }];
  }
}

async function readCertificates(path: string): Promise<X509Certificate[]> {
  const blocks = (await readFile(path, "utf8")).match(PEM) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

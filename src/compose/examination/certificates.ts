import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Config } from "../../config/schema.ts";
import { type Finding, messageOf } from "./finding.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether the certificates that Assay serves with and judges callers by hold now, and for how long. `now` in milliseconds. */
export async function examineCertificates({ listen: { tls } }: Config, now: number): Promise<Finding[]> {
  if (tls === undefined) return [];
  const paths = [tls.certificate, ...(tls.client_ca === undefined ? [] : [tls.client_ca])];
  const findings = await Promise.all(paths.map((path) => examineFile(path, now)));
  return [...findings.flat(), ...(await examineKey(tls.certificate, tls.key))];
}

async function examineFile(path: string, now: number): Promise<Finding[]> {
  const subject = `certificate ${path}`;
  try {
    const certificates = await readCertificates(path);
    if (certificates.length === 0) throw new Error("it holds no certificate in PEM");
    return certificates.map((certificate) => ({ subject, ...validity(certificate, now) }));
  } catch (error) {
    return [{ subject, state: "problem", says: `Cannot be read: ${messageOf(error)}. Put a PEM file there.` }];
  }
}

function validity(certificate: X509Certificate, now: number): Pick<Finding, "state" | "says"> {
  const { validFromDate: from, validToDate: to } = certificate;
  const name = certificate.subject.replaceAll("\n", ", ");
  const days = Math.floor((to.getTime() - now) / DAY_MS);
  if (from.getTime() > now) {
    return { state: "problem", says: `${name} is not valid before ${from.toISOString()}. Correct the clock, or wait.` };
  }
  if (to.getTime() <= now) return { state: "problem", says: `${name} has expired, on ${to.toISOString()}. Renew it.` };
  if (days < SOON_DAYS) return { state: "warning", says: `${name} expires in ${days} days. Renew it.` };
  return { state: "good", says: `${name} is valid for ${days} days more.` };
}

async function examineKey(certificatePath: string, keyPath: string): Promise<Finding[]> {
  const subject = `private key ${keyPath}`;
  try {
    const [certificate] = await readCertificates(certificatePath);
    const fits = certificate?.checkPrivateKey(createPrivateKey(await readFile(keyPath)));
    if (fits !== false) return [];
    return [
      { subject, state: "problem", says: `Is not the key of ${certificatePath}. Put the two that belong together.` },
    ];
  } catch {
    // Without the cause, which could quote what it read.
    return [{ subject, state: "problem", says: "Cannot be read as an unencrypted private key in PEM. Replace it." }];
  }
}

async function readCertificates(path: string): Promise<X509Certificate[]> {
  const blocks = (await readFile(path, "utf8")).match(PEM) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

import { X509Certificate } from "node:crypto";

/**
 * The subject alternative names of a certificate that can name a caller, as the configuration writes them: `URI:…`, `DNS:…`.
 * Node quotes a name that holds a separator; no honest name does, so a certificate with a quoted name has none
 * (CVE-2021-44532). The common name is never looked at.
 */
export function clientNames(certificate: Buffer): readonly string[] {
  const { subjectAltName } = new X509Certificate(certificate);
  if (subjectAltName === undefined || subjectAltName.includes('"')) return [];
  return subjectAltName.split(", ").filter((name) => name.startsWith("URI:") || name.startsWith("DNS:"));
}

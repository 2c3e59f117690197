import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { StartError } from "../../core/start-error.ts";

/** Paths of PEM files. */
export type TlsFiles = {
  certificate: string;
  key: string;
  /** Whoever signs callers' certificates. Absent: none is asked for. */
  clientCa?: string | undefined;
  requireClientCertificate: boolean;
};

export type TlsMaterial = { cert: string; key: string; ca?: string };

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads and checks the files. @throws StartError naming the setting, the file and the mend */
export async function readTlsFiles(files: TlsFiles): Promise<TlsMaterial> {
  const cert = await read("listen.tls.certificate", files.certificate);
  const [leaf] = certificates("listen.tls.certificate", files.certificate, cert);
  const key = await read("listen.tls.key", files.key);
  if (leaf?.checkPrivateKey(privateKey(files.key, key)) !== true) {
    throw new StartError(
      `The private key ${files.key} does not belong to the certificate ${files.certificate}. Set listen.tls.key to the key that the certificate was made for; the server's own certificate comes first in its file.`,
    );
  }
  if (files.clientCa === undefined) return { cert, key };
  const ca = await read("listen.tls.client_ca", files.clientCa);
  certificates("listen.tls.client_ca", files.clientCa, ca);
  return { cert, key, ca };
}

async function read(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new StartError(
      `The file ${path} of ${setting} cannot be read. Make it exist and readable, or set ${setting} to another.`,
      {
        cause,
      },
    );
  }
}

function certificates(setting: string, path: string, pem: string): X509Certificate[] {
  try {
    const found = (pem.match(CERTIFICATES) ?? []).map((one) => new X509Certificate(one));
    if (found.length > 0) return found;
  } catch (cause) {
    throw notPem(setting, path, "certificate", cause);
  }
  throw notPem(setting, path, "certificate", undefined);
}

function privateKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw notPem("listen.tls.key", path, "private key without a passphrase", cause);
  }
}

function notPem(setting: string, path: string, what: string, cause: unknown): StartError {
  return new StartError(`The file ${path} of ${setting} holds no PEM ${what}. Set ${setting} to a file that does.`, {
    cause,
  });
}

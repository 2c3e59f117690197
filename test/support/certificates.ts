/** Certificates of a test's own authority, made by openssl. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** PEM. */
export type KeyPair = { certificate: string; key: string; certificateFile: string; keyFile: string };

export type Certificates = {
  /** The authority's certificate, PEM. */
  ca: string;
  caFile: string;
  /** For `localhost`, 127.0.0.1 and ::1. */
  server: KeyPair;
  /** A client's, with alternative names as openssl writes them: `URI:spiffe://…,DNS:…`. None when empty. */
  client(subjectAltName: string): Promise<KeyPair>;
};

const run = promisify(execFile);

/** @param directory where the files go */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const ca = await selfSigned(directory, "ca");
  let count = 0;
  const client = (names: string): Promise<KeyPair> => signed(directory, `client-${count++}`, ca, names);
  const server = await signed(directory, "server", ca, "DNS:localhost,IP:127.0.0.1,IP:::1");
  return { ca: ca.certificate, caFile: ca.certificateFile, server, client };
}

/** A certificate that no authority signed. */
export async function selfSigned(directory: string, name: string): Promise<KeyPair> {
  const files = filesOf(directory, name);
  await openssl([
    "req",
    "-x509",
    ...NEW_KEY,
    "-days",
    "1",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    files.keyFile,
    "-out",
    files.certificateFile,
  ]);
  return read(files);
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

async function signed(directory: string, name: string, ca: KeyPair, names: string): Promise<KeyPair> {
  const files = filesOf(directory, name);
  const request = join(directory, `${name}.csr`);
  const extensions = join(directory, `${name}.ext`);
  await openssl(["req", "-new", ...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", files.keyFile, "-out", request]);
  await writeFile(extensions, names === "" ? "basicConstraints=CA:FALSE\n" : `subjectAltName=${names}\n`);
  const signing = ["-CA", ca.certificateFile, "-CAkey", ca.keyFile, "-CAcreateserial", "-days", "1"];
  await openssl(["x509", "-req", "-in", request, ...signing, "-extfile", extensions, "-out", files.certificateFile]);
  return read(files);
}

async function openssl(parameters: readonly string[]): Promise<void> {
  await run("openssl", parameters);
}

function filesOf(directory: string, name: string) {
  return { certificateFile: join(directory, `${name}.pem`), keyFile: join(directory, `${name}.key`) };
}

async function read(files: { certificateFile: string; keyFile: string }): Promise<KeyPair> {
  const [certificate, key] = await Promise.all([
    readFile(files.certificateFile, "utf8"),
    readFile(files.keyFile, "utf8"),
  ]);
  return { ...files, certificate, key };
}

import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { StartError } from "../core/start-error.ts";
import { type ForeignKeySet, parseForeignKeySet } from "./foreign-key-set.ts";

/**
 * Reads a JWK Set from a file, again only when the file has changed.
 * @returns a function that @throws StartError naming the file and the mend, never its contents
 */
export function jwksFile(path: string, maxBytes: number): () => ForeignKeySet {
  let held: { set: ForeignKeySet; version: string } | undefined;
  return () => {
    const version = versionOf(path, maxBytes);
    if (held?.version !== version) held = { set: read(path), version };
    return held.set;
  };
}

function versionOf(path: string, maxBytes: number): string {
  const stats = statusOf(path);
  if (!stats.isFile()) throw unfit(path, "is not a regular file. Mend jwks_file");
  if (stats.size > maxBytes) {
    throw unfit(path, `is larger than ${maxBytes} bytes. Keep only the issuer's present keys in it`);
  }
  return `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}

function statusOf(path: string): BigIntStats {
  try {
    return statSync(path, { bigint: true });
  } catch {
    throw unfit(path, "does not exist or cannot be reached. Put the issuer's public keys there, or mend jwks_file");
  }
}

function read(path: string): ForeignKeySet {
  const set = parse(path);
  const [danger] = set.refused;
  if (danger !== undefined) throw unfit(path, `must not be trusted: ${danger}. Keep only strong public keys in it`);
  if (set.size === 0) throw unfit(path, "holds no public RSA, EC or OKP key. Put the issuer's public keys there");
  return set;
}

function parse(path: string): ForeignKeySet {
  try {
    return parseForeignKeySet(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Without the cause, which quotes what it read.
    throw unfit(path, 'cannot be read as a JWK Set (RFC 7517): {"keys": […]}. Put the issuer\'s public keys there');
  }
}

function unfit(path: string, what: string): StartError {
  return new StartError(`The JWKS file ${path} ${what}.`);
}

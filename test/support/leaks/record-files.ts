/** The files that an Assay has left in a directory: its keys must not leak, and its store must not hold what must not. */
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createPrivateKey } from "node:crypto";
import type { JWK } from "jose";
import { z } from "zod";
import { deriveKeys } from "../../../src/core/derived-keys.ts";
import { recordEmitted, recordSecret } from "./record.ts";

const STORE = /\.db(-wal)?$/;
const KEY = /\.(key|jwk)$/;
/** As the master key and the MAC keys are written. */
const RAW_KEY = /^[\w-]{43}\n?$/;
const jwk = z.record(z.string(), z.unknown());
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi"];
const BLOCK = 64;
const ZEROS = Buffer.alloc(BLOCK);

/**
 * To be called before the directory goes, and at best before the server stops, while its write-ahead log is there. Synchronous, so
 * that it does not come between what a test does.
 */
export function recordFilesIn(directory: string): void {
  for (const entry of entriesOf(directory)) {
    const content = entry.isFile() ? contentOf(entry) : undefined;
    if (content === undefined) continue;
    if (STORE.test(entry.name)) recordEmitted("store dump", withoutZeros(content));
    else recordKeyFile(entry.name, content.toString());
  }
}

/** The private members of a JWK. */
export function recordJwk(kind: string, key: JWK): void {
  for (const member of PRIVATE_MEMBERS) {
    const value = jwk.parse(key)[member];
    if (typeof value === "string") recordSecret({ kind, key: Buffer.from(value, "base64url") });
  }
}

/** The key, and those that are derived from it; the check value lies in the store by design. */
export function recordMasterKey(key: Buffer): void {
  const { selector, fingerprint, sealing } = deriveKeys(key);
  for (const one of [key, selector, fingerprint, sealing]) recordSecret({ kind: "the master key", key: one });
}

/** None where it has gone already. */
function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
}

/** Undefined for other files, and for what cannot be read: some tests see to that. */
function contentOf(entry: Dirent): Buffer | undefined {
  if (!STORE.test(entry.name) && !KEY.test(entry.name)) return undefined;
  try {
    return readFileSync(join(entry.parentPath, entry.name));
  } catch {
    return undefined;
  }
}

function recordKeyFile(name: string, text: string): void {
  if (name.endsWith(".jwk")) return recordJwk("a signing key", keyIn(text, JSON.parse));
  if (!RAW_KEY.test(text)) return recordJwk("a TLS key", keyIn(text, fromPem));
  const key = Buffer.from(text, "base64url");
  if (name === "master.key") return recordMasterKey(key);
  recordSecret({ kind: "a MAC key", key });
}

function fromPem(text: string): unknown {
  return createPrivateKey(text).export({ format: "jwk" });
}

/** Some tests spoil key files: what cannot be parsed is no key. */
function keyIn(text: string, parse: (text: string) => unknown): JWK {
  try {
    return jwk.parse(parse(text));
  } catch {
    return {};
  }
}

/** Most of a small database is nothing: runs of zeros are cut short, which no secret spans. */
function withoutZeros(content: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < content.length; at += BLOCK) {
    const block = content.subarray(at, at + BLOCK);
    if (!ZEROS.subarray(0, block.length).equals(block)) kept.push(block);
  }
  return Buffer.concat(kept);
}

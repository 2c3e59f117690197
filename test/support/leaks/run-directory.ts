/** Where a test run keeps what must not leak, and what it might have leaked into. Append-only, so that workers need no agreement. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Secret } from "./secret-forms.ts";

/** What a run emits. Each is searched for every secret of the whole run. */
export type Emitted =
  | "log"
  | "signals"
  | "server output"
  | "error output"
  | "spans"
  | "metrics"
  | "OTLP logs"
  | "console pages"
  | "store dump";

export type EmittedFile = { what: string; path: string };

const OWNER_ONLY = { mode: 0o600 };
const line = z.union([
  z.object({ kind: z.string(), token: z.string() }),
  z.object({ kind: z.string(), key: z.base64().transform((text) => Buffer.from(text, "base64")) }),
  z.object({ kind: z.string(), text: z.string() }),
]);

/** @param from the test file */
export function appendSecret(directory: string, from: string, secret: Secret): void {
  const written = "key" in secret ? { ...secret, key: secret.key.toString("base64") } : secret;
  append(join(directory, "secrets"), from, `${JSON.stringify(written)}\n`);
}

export function appendEmitted(directory: string, from: string, what: Emitted, bytes: string | Uint8Array): void {
  append(join(directory, "emitted"), `${what} of ${from}`, bytes);
}

/** @param of one test file; all of them when absent */
export function readSecrets(directory: string, of?: string): { secret: Secret; from: string }[] {
  const files = filesIn(join(directory, "secrets")).filter(({ what }) => of === undefined || what === of);
  return files.flatMap(({ what: from, path }) => {
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    return lines.map((text) => ({ from, secret: line.parse(JSON.parse(text)) }));
  });
}

export function emittedFiles(directory: string): EmittedFile[] {
  return filesIn(join(directory, "emitted"));
}

function append(folder: string, name: string, bytes: string | Uint8Array): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  appendFileSync(join(folder, `${encodeURIComponent(name)}.${process.pid}`), bytes, OWNER_ONLY);
}

function filesIn(folder: string): EmittedFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({
    what: decodeURIComponent(name.replace(/\.\d+$/, "")),
    path: join(folder, name),
  }));
}

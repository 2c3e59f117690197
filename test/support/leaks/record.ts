/** What test support writes down in a worker, for the search at the end of the run. */
import { relative } from "node:path";
import { appendEmitted, appendSecret, type Emitted, readSecrets } from "./run-directory.ts";
import type { Secret } from "./secret-forms.ts";

/** Tokens of ours, secrets of callers and JWTs, wherever they lie in a text or in the bytes of a message. */
const TOKENS = /asy_(at|rt|cs)_\w+|eyJ[\w-]+\.[\w-]*\.[\w-]*/g;
const KINDS: Readonly<Record<string, string>> = {
  at: "an opaque access token",
  rt: "a refresh token",
  cs: "a caller's secret",
};
const repository = new URL("../../..", import.meta.url).pathname;
/** Undefined where no tests run: benchmarks use this support too, and vitest cannot be loaded there. */
const vitest = process.env["VITEST"] === undefined ? undefined : await import("vitest");
const directory = vitest?.inject("leakDirectory");

/** From now on, and for the whole run, this must not be found in anything emitted. */
export function recordSecret(secret: Secret): void {
  if (directory !== undefined) appendSecret(directory, testFile(), secret);
}

/** All tokens and secrets of callers within. */
export function recordTokensIn(content: string | Uint8Array): void {
  const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
  for (const [token, kind = ""] of text.matchAll(TOKENS)) recordSecret({ kind: KINDS[kind] ?? "a JWT", token });
}

/** What this test file has recorded so far. */
export function recordedSecrets(): Secret[] {
  if (directory === undefined) return [];
  return readSecrets(directory, testFile()).map(({ secret }) => secret);
}

/** Searched at the end of the run for every secret of every test. */
export function recordEmitted(what: Emitted, bytes: string | Uint8Array): void {
  if (directory !== undefined) appendEmitted(directory, testFile(), what, bytes);
}

function testFile(): string {
  return relative(repository, vitest?.expect.getState().testPath ?? "unknown");
}

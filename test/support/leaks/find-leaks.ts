import { readFileSync } from "node:fs";
import { emittedFiles, readSecrets } from "./run-directory.ts";
import { patternsOf, type Secret } from "./secret-forms.ts";
import { indexPatterns } from "./window-index.ts";

/** Says where, and never what. */
export type Leak = {
  /** What leaked, and which test file knows it. */
  secret: string;
  /** Into what, of which test file. */
  where: string;
  /** Bytes from its beginning. */
  at: number;
};

export type Search = { secrets: number; bytes: number; leaks: Leak[] };

/** Finds the kinds of what is in a content, each once, and where it came first. */
export type FindLeaks = (content: Uint8Array) => { kind: string; at: number }[];

/** Searches everything that a run has emitted for every secret that it has used. */
export function searchRun(directory: string): Search {
  const recorded = readSecrets(directory).map(({ secret, from }) => ({ ...secret, kind: `${secret.kind} of ${from}` }));
  const { find, secrets } = leakFinder(recorded);
  let bytes = 0;
  const leaks: Leak[] = [];
  for (const { what, path } of emittedFiles(directory)) {
    const content = readFileSync(path);
    bytes += content.length;
    for (const { kind, at } of find(content)) leaks.push({ secret: kind, where: what, at });
  }
  return { secrets, bytes, leaks };
}

/** `secrets`: how many different ones can be told from chance, and are searched for. */
export function leakFinder(recorded: readonly Secret[]): { find: FindLeaks; secrets: number } {
  const different = new Map(recorded.map((secret) => [valueOf(secret), secret]));
  const telling = [...different.values()].map((secret) => ({ secret, patterns: patternsOf(secret) }));
  const patterns = telling.flatMap(({ secret, patterns: own }) => own.map((one) => ({ ...one, kind: secret.kind })));
  const search = indexPatterns(patterns);
  const find: FindLeaks = (content) => {
    const first = new Map<string, number>();
    search(content, ({ pattern, at }) => {
      const kind = patterns[pattern]?.kind ?? "";
      if (!first.has(kind)) first.set(kind, at);
    });
    return [...first].map(([kind, at]) => ({ kind, at }));
  };
  return { find, secrets: telling.filter(({ patterns: own }) => own.length > 0).length };
}

function valueOf(secret: Secret): string {
  if ("key" in secret) return secret.key.toString("base64");
  return "token" in secret ? secret.token : secret.text;
}

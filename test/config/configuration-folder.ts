import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ConfigError } from "../../src/config/config-error.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { LoadedConfig } from "../../src/config/load.ts";

/** A folder of its own for one test, with the files given; gone afterwards. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "assay-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

export function loadText(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<LoadedConfig> {
  return loadConfig({ env, cwd: folderWith({ "assay.yaml": yaml }) });
}

/** The mistakes of a configuration, as `path: message`. */
export async function mistakesOf(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const error = await refusalOf(loadText(yaml, env));
  return error.mistakes.map(({ path, message }) => `${path}: ${message}`);
}

export async function refusalOf(loading: Promise<unknown>): Promise<ConfigError> {
  const outcome = await loading.catch((error: unknown) => error);
  if (outcome instanceof ConfigError) return outcome;
  throw new Error("the configuration was expected to be refused", { cause: outcome });
}

/** A sound configuration to spoil, one key at a time. */
export const SOUND = `
issuer: https://auth.example
store: sqlite:./assay.db
clients:
  - { client_id: web, audiences: [https://api.example] }
callers:
  - name: api
    secret_sha256: ["${"a".repeat(64)}"]
    permissions: [introspect]
    audiences: [https://api.example]
`;

import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError } from "./config-error.ts";

export type ConfigText = { source: string; text: string };

const GREATEST_BYTES = 1_048_576;
const DEFAULT_FILE = "assay.yaml";

/**
 * The configuration file: `--config`, else `ASSAY_CONFIG`, else `./assay.yaml` where there is one.
 * @returns undefined when there is no file to read @throws ConfigError when the file that was named cannot be read
 */
export async function readConfigFile(options: {
  path?: string | undefined;
  env: NodeJS.ProcessEnv;
  cwd: string;
}): Promise<ConfigText | undefined> {
  const named = options.path ?? options.env["ASSAY_CONFIG"];
  if (named?.trim() === "") {
    const by = options.path === undefined ? "ASSAY_CONFIG" : "--config";
    throw refusal(undefined, `${by} is empty: name a file, or leave it out`);
  }
  const source = resolve(options.cwd, named ?? DEFAULT_FILE);
  try {
    return { source, text: await readBounded(source) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
    if (code === "ENOENT" && named === undefined) return undefined;
    throw refusal(
      source,
      `the file cannot be read (${code}): correct the path, or let the user that runs Assay read it`,
    );
  }
}

async function readBounded(source: string): Promise<string> {
  await using file = await open(source);
  const bytes = Buffer.alloc(GREATEST_BYTES + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length);
    length += bytesRead;
    if (length > GREATEST_BYTES) throw refusal(source, "the file is larger than 1 MiB: is it the right one?");
    if (bytesRead === 0) break;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
  } catch {
    throw refusal(source, "the file is not UTF-8 text: is it the right one?");
  }
}

function refusal(source: string | undefined, message: string): ConfigError {
  return new ConfigError(source, [{ path: "", message }]);
}

import { ConfigError } from "./config-error.ts";
import type { Mistake } from "./config-error.ts";
import { readConfigFile } from "./config-source.ts";
import { DEVELOPMENT_CONFIG } from "./development.ts";
import { overlayEnvironment } from "./environment-overlay.ts";
import type { ParsedYaml } from "./parse-yaml.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { LocatedMistake } from "./plain-message.ts";
import type { Config } from "./schema.ts";
import { unknownVariableWarnings } from "./unknown-variables.ts";
import { validate } from "./validate.ts";

export type LoadOptions = { path?: string | undefined; env: NodeJS.ProcessEnv; cwd: string };

export type LoadedConfig = {
  config: Config;
  /** What was validated, environment included: it validates to the same again. */
  input: unknown;
  /** The absolute path of the file; undefined for the built-in development configuration. */
  source: string | undefined;
  /** Sentences about what was found and left aside. */
  warnings: string[];
};

/**
 * The configuration: the file of `--config`, `ASSAY_CONFIG` or `./assay.yaml`, else the built-in one for development,
 * under the `ASSAY_…` variables.
 * @throws ConfigError with all mistakes at once
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const file = await readConfigFile(options);
  const parsed = file === undefined ? builtIn(options.env) : parseYaml(file.text);
  if (parsed.value === undefined) throw new ConfigError(file?.source, parsed.mistakes);

  const overlay = overlayEnvironment(parsed.value ?? {}, options.env);
  const { config, mistakes } = validate(overlay.value, options.cwd);
  const all = [...parsed.mistakes, ...overlay.mistakes, ...mistakes.map(located)];
  if (config === undefined || all.length > 0) throw new ConfigError(file?.source, all);
  return { config, input: overlay.value, source: file?.source, warnings: unknownVariableWarnings(options.env) };

  function located({ at, path, message }: LocatedMistake): Mistake {
    const where = overlay.variableFor(at) ?? parsed.locate(at);
    return where === undefined ? { path, message } : { path, message, where };
  }
}

/** A configuration that another process has loaded. @throws ConfigError where its files have gone meanwhile */
export function loadedBefore({ input, source }: Pick<LoadedConfig, "input" | "source">, cwd: string): Config {
  const { config, mistakes } = validate(input, cwd);
  if (config === undefined) throw new ConfigError(source, mistakes);
  return config;
}

/** A start that says it is not for development gets nothing made for it: the environment then says everything. */
function builtIn(env: NodeJS.ProcessEnv): ParsedYaml {
  const value = env["ASSAY_DEVELOPMENT"]?.trim() === "false" ? {} : DEVELOPMENT_CONFIG;
  return { value, mistakes: [], locate: () => undefined };
}

import type { Command } from "commander";
import { addExamples } from "./examples.ts";
import { EXIT } from "./failure.ts";
import { coloured, printJson, printLine } from "./output.ts";

type JsonOption = { json?: boolean };

export function define(command: Command): void {
  const check = command
    .command("check")
    .description("say everything that is wrong with the configuration, and how to mend it");
  check.option("--config <file>", "the file; ASSAY_CONFIG or ./assay.yaml otherwise").option("--json", "print JSON");
  addExamples(check, ["assay config check", "assay config check --config /etc/assay/assay.yaml --json"]);
  check.action(checkConfig);

  const schema = command.command("schema").description("print the JSON Schema of the configuration");
  schema.option("--json", "it is JSON anyway");
  addExamples(schema, ["assay config schema > assay.schema.json"]);
  schema.action(printSchema);

  const secret = command.command("secret").description("make a secret for a caller, printed once and kept nowhere");
  secret.option("--json", "print JSON");
  addExamples(secret, ["assay config secret"]);
  secret.action(makeSecret);
}

async function checkConfig(options: JsonOption & { config?: string }): Promise<void> {
  const { loadConfig } = await import("../config/load.ts");
  const { ConfigError } = await import("../config/config-error.ts");
  const { unsafeSettings } = await import("../config/unsafe-settings.ts");
  const loaded = await loadConfig({ path: options.config, env: process.env, cwd: process.cwd() }).catch(
    (error: unknown) => {
      if (options.json !== true || !(error instanceof ConfigError)) throw error;
      return error;
    },
  );
  if (loaded instanceof ConfigError) {
    printJson({ ok: false, source: loaded.source, mistakes: loaded.mistakes });
    process.exitCode = EXIT.badUsage;
    return;
  }
  const { source, warnings } = loaded;
  const unsafe = unsafeSettings(loaded.config);
  if (options.json === true) {
    printJson({ ok: true, source, warnings, safety_settings_off: unsafe });
    return;
  }
  printLine(coloured("green", `${source ?? "The built-in development configuration"} has no mistakes.`));
  for (const warning of warnings) printLine(`${coloured("yellow", "warning")} ${warning}`);
  if (unsafe.length > 0) printLine("Safety settings that are off:");
  for (const sentence of unsafe) printLine(`  - ${sentence}`);
}

async function printSchema(): Promise<void> {
  const { configJsonSchema } = await import("../config/json-schema.ts");
  printLine(JSON.stringify(configJsonSchema(), undefined, 2));
}

async function makeSecret(options: JsonOption): Promise<void> {
  const { createHash } = await import("node:crypto");
  const { makeCallerSecret } = await import("../core/token/caller-secret.ts");
  const secret = makeCallerSecret();
  const digest = createHash("sha256").update(secret).digest("hex");
  if (options.json === true) {
    printJson({ secret, secret_sha256: digest });
    return;
  }
  printLine("The secret, for the caller alone. It is shown once and kept nowhere:");
  printLine();
  printLine(`  ${coloured("bold", secret)}`);
  printLine();
  printLine("For the caller's entry in the configuration:");
  printLine();
  printLine(`  secret_sha256: ["${digest}"]`);
}

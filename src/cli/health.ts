import type { Command } from "commander";
import type { Config } from "../config/schema.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { addExamples } from "./examples.ts";
import { badUsage, EXIT } from "./failure.ts";
import { coloured, printJson, printLine } from "./output.ts";

type HealthOptions = ConnectionOptions & { config?: string };

export function define(command: Command): void {
  command.option("--config <file>", "without --address: ask where this configuration listens");
  addConnectionOptions(command);
  addExamples(command, ["assay health", "assay health --config /etc/assay/assay.yaml --timeout 1s"]);
  command.addHelpText("after", "\nExit codes: 0 serving, 1 not serving, 2 bad usage, 3 the service could not answer.");
  command.action(async (options: HealthOptions) => {
    const isGiven = command.getOptionValueSource("address") !== "default";
    await health(options, isGiven ? undefined : await listenOf(options));
  });
}

async function health(options: HealthOptions, listen: Config["listen"] | undefined): Promise<void> {
  const { askHealth } = await import("./ask-health.ts");
  const status = await (listen === undefined
    ? askHealth(options)
    : askHealth({ ...options, address: reachable(listen.address) }, listen.tls?.certificate));
  const serving = status === "SERVING";
  if (options.json === true) printJson({ status });
  else printLine(serving ? coloured("green", "serving") : coloured("red", "not serving"));
  if (!serving) process.exitCode = EXIT.refused;
}

async function listenOf({ config: path }: HealthOptions): Promise<Config["listen"]> {
  const { loadConfig } = await import("../config/load.ts");
  const { config } = await loadConfig({ path, env: process.env, cwd: process.cwd() });
  return config.listen;
}

/** Who listens everywhere is asked on loopback. */
function reachable(address: string): string {
  if (address.endsWith(":0")) throw badUsage("the configuration listens on any free port: name it with --address");
  return address.replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace(/^\[::\]:/, "[::1]:");
}

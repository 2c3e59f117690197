import type { Command } from "commander";
import type { Config } from "../config/schema.ts";
import type { Running } from "../main.ts";
import { addExamples } from "./examples.ts";
import { EXIT } from "./failure.ts";
import { listenForSignals } from "./signals.ts";

type ServeOptions = { config?: string; json?: boolean };

export function define(command: Command): void {
  command
    .option(
      "--config <file>",
      "the configuration; ASSAY_CONFIG, ./assay.yaml or a built-in one for development otherwise",
    )
    .option("--json", "log JSON, whatever the configuration says");
  addExamples(command, [
    "assay serve",
    "assay serve --config /etc/assay/assay.yaml",
    "ASSAY_STORE=redis://127.0.0.1:6379 assay serve",
  ]);
  command.action(serve);
}

/**
 * Runs until a signal asks it to stop: then it finishes what it has accepted, and a second signal makes it hurry. SIGHUP takes over
 * what has changed of the configuration.
 */
async function serve(options: ServeOptions): Promise<void> {
  const signals = listenForSignals();
  let running: Running | undefined;
  void signals.second.then(() => (running === undefined ? process.exit(EXIT.refused) : hurry(running)));

  const { loadConfig } = await import("../config/load.ts");
  const load = () => loadConfig({ path: options.config, env: process.env, cwd: process.cwd() });
  const settled = (config: Config): Config => (options.json === true ? withJsonLog(config) : config);
  const loaded = await load();
  const config = settled(loaded.config);
  const { start } = await import("../main.ts");
  const begun = await start(config, { source: loaded.source, load: async () => settled((await load()).config) });
  running = begun;
  signals.onHangUp(() => void begun.reload());
  const { announce } = await import("./announcement.ts");
  announce({ ...loaded, config, address: running.address, problem: running.problem });

  await signals.first;
  await running.stop();
  process.exit();
}

/** What goes wrong is told by the stop that is under way. */
async function hurry(running: Running): Promise<void> {
  await running.stop({ hurry: true }).catch(() => undefined);
}

function withJsonLog(config: Config): Config {
  return { ...config, log: { ...config.log, format: "json" } };
}

import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { addExamples } from "./examples.ts";
import { EXIT } from "./failure.ts";
import { serveAsWorker } from "./serve-as-worker.ts";
import { listenForSignals } from "./signals.ts";

type ServeOptions = { config?: string; json?: boolean; workers?: string };

/** What serves: this process, or several. */
type Serving = {
  address: string;
  problem?: string | undefined;
  reload: () => void;
  stop: (options?: { hurry?: boolean }) => Promise<void>;
  /** Rejects when it serves no more. */
  lost?: Promise<never>;
};

export function define(command: Command): void {
  command
    .option(
      "--config <file>",
      "the configuration; ASSAY_CONFIG, ./assay.yaml or a built-in one for development otherwise",
    )
    .option("--workers <count>", "processes that serve together: a number, or auto for one a processor", workerCount)
    .option("--json", "log JSON, whatever the configuration says");
  addExamples(command, [
    "assay serve",
    "assay serve --config /etc/assay/assay.yaml --workers auto",
    "ASSAY_STORE=redis://127.0.0.1:6379 assay serve",
  ]);
  command.action(serve);
}

/**
 * Runs until a signal asks it to stop: then it finishes what it has accepted, and a second signal makes it hurry. SIGHUP takes over
 * what has changed of the configuration.
 */
async function serve(options: ServeOptions): Promise<void> {
  const load = loaderFor(options);
  const settled = (config: Config): Config => (options.json === true ? withJsonLog(config) : config);
  if (cluster.isWorker) return serveAsWorker({ load, settled });

  const signals = listenForSignals();
  let serving: Serving | undefined;
  void signals.second.then(() => (serving === undefined ? process.exit(EXIT.refused) : hurry(serving)));

  const found = await load();
  const loaded = { ...found, config: settled(found.config) };
  const workers = loaded.config.workers === "auto" ? availableParallelism() : loaded.config.workers;
  serving =
    workers === 1
      ? await serveAlone(loaded, async () => settled((await load()).config))
      : await serveTogether(loaded, workers);
  const { reload, stop, lost } = serving;
  signals.onHangUp(reload);
  const { announce } = await import("./announcement.ts");
  announce({ ...loaded, workers, address: serving.address, problem: serving.problem });

  await (lost === undefined ? signals.first : Promise.race([signals.first, lost]));
  await stop();
  process.exit();
}

/** What the command line says goes before all else. */
function loaderFor({ config: path, workers }: ServeOptions): () => Promise<LoadedConfig> {
  const env = workers === undefined ? process.env : { ...process.env, ASSAY_WORKERS: workers };
  return async () => {
    const { loadConfig } = await import("../config/load.ts");
    return loadConfig({ path, env, cwd: process.cwd() });
  };
}

async function serveAlone({ config, source }: LoadedConfig, load: () => Promise<Config>): Promise<Serving> {
  const { start } = await import("../main.ts");
  const running = await start(config, { source, load });
  return { ...running, reload: () => void running.reload() };
}

async function serveTogether(loaded: LoadedConfig, workers: number): Promise<Serving> {
  const { serveWithCrew } = await import("../compose/open-crew.ts");
  return serveWithCrew(loaded, workers);
}

/** What goes wrong is told by the stop that is under way. */
async function hurry({ stop }: Serving): Promise<void> {
  await stop({ hurry: true }).catch(() => undefined);
}

function withJsonLog(config: Config): Config {
  return { ...config, log: { ...config.log, format: "json" } };
}

function workerCount(text: string): string {
  if (/^(auto|[1-9]\d{0,2})$/.test(text)) return text;
  throw new InvalidArgumentError("write a number from 1 to 256, or auto.");
}

/** `assay serve` as a process of its own, from the sources: killed, frozen and started again at the same address. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openClient, type TestClient } from "../support/client.ts";
import { recordFilesIn } from "../support/leaks/record-files.ts";
import { recordEmitted } from "../support/leaks/record.ts";
import { freePort } from "../support/redis-process.ts";
import { until } from "../support/until.ts";

export type Instance = {
  name: string;
  /** `HOST:PORT`, the same in all its lives. */
  address: string;
  /** Of the present process: ask for it anew at each call, so that no channel waits to connect again. */
  client(): TestClient;
  /** All that it has logged, in all its lives. */
  log(): string;
  /** kill -9. Resolves when it is gone. */
  kill: () => Promise<void>;
  /** Resolves once it listens; whether it is ready is another question. */
  start: () => Promise<void>;
  /** A command of the operator's, with its configuration and beside it. @throws Error when it does not succeed */
  operate(words: readonly string[]): Promise<void>;
};

export type InstanceOptions = {
  name: string;
  directory: string;
  /** The configuration, besides where it listens and what it logs. */
  config: object;
  /** The same for all authorities of a deployment: base64url. */
  masterKey?: string;
  /** With which its clients call; without one where it is open for development. */
  secret?: string;
  environment?: Readonly<Record<string, string>>;
  /** In place of `assay serve`: a program that takes the configuration in its working directory. */
  program?: string;
  /** Before the program: `["--import", FILE]`. */
  nodeArguments?: readonly string[];
  /** In front of all of it: `["prlimit", "--fsize=…"]`. */
  under?: readonly string[];
};

const run = promisify(execFile);
const BIN = join(import.meta.dirname, "../../bin/assay.js");
const START_MS = 25_000;

/** Starts it. Gone when the stack is disposed of, at the latest with this process. */
export async function startInstance(options: InstanceOptions, opened: AsyncDisposableStack): Promise<Instance> {
  const directory = join(options.directory, options.name);
  await mkdir(directory, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const config = { ...options.config, listen: { address }, log: { format: "json" } };
  await writeFile(join(directory, "assay.yaml"), JSON.stringify(config));
  let child: ChildProcess | undefined;
  let client: TestClient | undefined;
  let log = "";

  const take = (text: string): void => {
    log += text;
    recordEmitted("server output", text);
  };
  async function kill(): Promise<void> {
    client?.close();
    client = undefined;
    if (child === undefined || hasEnded(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
  const instance: Instance = {
    name: options.name,
    address,
    client: () => (client ??= openClient(address, options.secret === undefined ? {} : { secret: options.secret })),
    log: () => log,
    kill,
    operate: async (words) => {
      const environment = environmentOf(options);
      await run(process.execPath, [BIN, ...words, "--config", "assay.yaml"], { cwd: directory, env: environment });
    },
    async start() {
      client?.close();
      client = undefined;
      await until(
        `${options.name} listens`,
        async () => {
          const from = log.length;
          child = spawnService(options, directory, take);
          const running = child;
          return until(
            `${options.name} says so or ends`,
            () => {
              if (/"msg":"(?:listening|serving)"/.test(log.slice(from))) return { listens: true };
              return hasEnded(running) ? { listens: false } : undefined;
            },
            START_MS,
          ).then(({ listens }) => listens || undefined);
        },
        START_MS,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; it said:\n${log.slice(-2_000)}`, { cause: error });
      });
    },
  };
  opened.defer(async () => {
    recordFilesIn(directory);
    await kill();
  });
  await instance.start();
  return instance;
}

const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

function spawnService(options: InstanceOptions, directory: string, take: (text: string) => void): ChildProcess {
  const { under = [], nodeArguments = [], program } = options;
  const service = program === undefined ? [BIN, "serve", "--config", "assay.yaml"] : [program];
  const [command, ...words] = [...under, process.execPath, ...nodeArguments, ...service];
  const child = spawn(command ?? process.execPath, words, {
    cwd: directory,
    env: environmentOf(options),
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  return child;
}

function environmentOf({ masterKey, environment }: InstanceOptions): NodeJS.ProcessEnv {
  const key = masterKey === undefined ? {} : { ASSAY_KEYS_MASTER_KEY: masterKey };
  return { PATH: process.env["PATH"], ...key, ...environment };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import path, { join } from "node:path";

export type Serve = {
  address: string;
  /** Where a browser finds the console, where it is served. */
  console: string | undefined;
  /** Of a command that opens the same store. */
  settings: Settings;
  stop(): Promise<void>;
};

export type Settings = { cwd: string; env: NodeJS.ProcessEnv };
export type Ran = { code: number | null; output: string };

export const BIN = new URL("../../bin/assay.js", import.meta.url).pathname;
const KEYS_OF_NPM_START = path.resolve(process.env["ASSAY_KEYS_DIR"] ?? "data/keys");
const START_TIMEOUT = 10_000;

/**
 * Starts `assay serve` in development on a free port, over the embedded store in `directory` or over a Redis. What a Redis keeps is
 * sealed under a master key that must outlive the tour: it is the one that `npm start` uses.
 * @param variables of the environment, besides
 */
export async function startServe(
  directory: string,
  storeUrl: string | undefined,
  variables: NodeJS.ProcessEnv = {},
): Promise<Serve> {
  const settings: Settings = {
    cwd: directory,
    env: {
      ...process.env,
      ASSAY_LISTEN_ADDRESS: "127.0.0.1:0",
      ASSAY_KEYS_DIR: storeUrl === undefined ? join(directory, "keys") : KEYS_OF_NPM_START,
      ASSAY_STORE: storeUrl ?? `sqlite:${join(directory, "assay.db")}`,
      ASSAY_LOG_FORMAT: "json",
      ...variables,
    },
  };
  const child = spawn(process.execPath, [BIN, "serve"], { ...settings, stdio: ["ignore", "pipe", "pipe"] });
  process.once("exit", () => child.kill());
  let printed = "";
  const listening = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString("utf8");
      const address = /127\.0\.0\.1:(?!0\b)\d+/.exec(printed.slice(printed.indexOf("listening")))?.[0];
      if (address !== undefined && printed.includes("listening")) resolve(address);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${printed}`)));
    setTimeout(() => reject(new Error(`the server does not listen:\n${printed}`)), START_TIMEOUT).unref();
  });
  const address = await listening;
  const served = /"address":"([^"]+)","msg":"the console is served"/.exec(printed)?.[1];
  return {
    address,
    console: served === undefined ? undefined : `http://${served}`,
    settings,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** Runs one command to its end. */
export async function runCli(args: readonly string[], settings: Partial<Settings> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], { ...settings, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  await once(child, "close");
  return { code: child.exitCode, output };
}

import type { Command } from "commander";
import { Option } from "commander";
import type { listOwnKeys } from "../compose/own-keys.ts";
import { SIGNING_ALGORITHMS } from "../config/schema.ts";
import { addExamples } from "./examples.ts";
import { coloured, printJson, printLine, printTable } from "./output.ts";

type KeysOptions = { config?: string; json?: boolean };
type RotateOptions = KeysOptions & {
  signing?: boolean;
  mac?: boolean;
  algorithm?: (typeof SIGNING_ALGORITHMS)[number];
};
type Listing = Awaited<ReturnType<typeof listOwnKeys>>[number];

export function define(command: Command): void {
  const list = command.command("list").description("list the keys in the store, without their material");
  addConfigOptions(list);
  addExamples(list, ["assay keys list", "assay keys list --json"]);
  list.action(listKeys);

  const rotate = command
    .command("rotate")
    .description("add a key that takes over after keys.publish_before; the older ones go on verifying");
  rotate.option("--signing", "a signing key; so without options").option("--mac", "a key for refresh tokens");
  rotate.addOption(
    new Option("--algorithm <alg>", "the signing key's; keys.algorithm otherwise").choices(SIGNING_ALGORITHMS),
  );
  addConfigOptions(rotate);
  addExamples(rotate, [
    "assay keys rotate",
    "assay keys rotate --algorithm ES256",
    "assay keys rotate --signing --mac",
  ]);
  rotate.action(rotateKeys);
}

function addConfigOptions(command: Command): void {
  command.option("--config <file>", "the configuration whose store is meant").option("--json", "print JSON");
}

async function listKeys(options: KeysOptions): Promise<void> {
  const ownKeys = await import("../compose/own-keys.ts");
  const keys = await ownKeys.listOwnKeys(await configOf(options));
  if (options.json === true) printJson({ keys: keys.map(json) });
  else print(keys);
}

async function rotateKeys(options: RotateOptions): Promise<void> {
  const { rotateOwnKeys } = await import("../compose/own-keys.ts");
  const { mac = false, signing = !mac, algorithm } = options;
  const kinds = [...(signing ? (["signing"] as const) : []), ...(mac ? (["mac"] as const) : [])];
  const made = await rotateOwnKeys(await configOf(options), { kinds, algorithm });
  if (options.json === true) printJson({ made: made.map(json) });
  else print(made);
}

/** Times as in RFC 3339. */
function json({ kind, id, alg, state, created, activates, retires, removed }: Listing) {
  return { kind, id, alg, state, created, activates_at: activates, retires_at: retires, removed_at: removed };
}

function print(keys: readonly Listing[]): void {
  for (const { kind, id, alg, state, created, activates, retires, removed } of keys) {
    printLine(`${kind}  ${coloured("bold", id)}`);
    printTable([
      ["state", state],
      ["alg", alg],
      ["created", created.toISOString()],
      ["activates", activates.toISOString()],
      ["retires", retires?.toISOString()],
      ["removed", removed?.toISOString()],
    ]);
  }
}

async function configOf({ config: path }: KeysOptions) {
  const { loadConfig } = await import("../config/load.ts");
  const { config } = await loadConfig({ path, env: process.env, cwd: process.cwd() });
  return config;
}

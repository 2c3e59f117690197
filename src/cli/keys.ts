import type { Command } from "commander";
import { Option } from "commander";
import { SIGNING_ALGORITHMS } from "../config/schema.ts";
import { addExamples } from "./examples.ts";
import { coloured, printJson, printLine, printTable } from "./output.ts";

type KeysOptions = { config?: string; json?: boolean };

export function define(command: Command): void {
  const list = command.command("list").description("list the keys, without their material");
  addFileOptions(list);
  addExamples(list, ["assay keys list", "assay keys list --json"]);
  list.action(listKeys);

  const rotate = command.command("rotate").description("make a new signing key; the older ones go on verifying");
  addFileOptions(rotate);
  rotate.addOption(
    new Option("--algorithm <alg>", "the new key's; keys.algorithm otherwise").choices(SIGNING_ALGORITHMS),
  );
  addExamples(rotate, ["assay keys rotate", "assay keys rotate --algorithm ES256 --config /etc/assay/assay.yaml"]);
  rotate.action(rotateKeys);
}

function addFileOptions(command: Command): void {
  command.option("--config <file>", "the configuration whose keys.dir is meant").option("--json", "print JSON");
}

async function listKeys(options: KeysOptions): Promise<void> {
  const keys = await keysOf(options);
  const { listKeys: list } = await import("../keys/list-keys.ts");
  const listed = await list(keys.dir);
  if (options.json === true) {
    printJson({
      keys: listed.map(({ kind, id, ...rest }) => ({ kind, [kind === "signing" ? "kid" : "id"]: id, ...rest })),
    });
    return;
  }
  printLine(coloured("dim", keys.dir));
  printTable(
    listed.map(({ kind, id, alg, state, created }) => [kind, `${id}  ${alg}  ${state}  ${created.toISOString()}`]),
  );
}

async function rotateKeys(options: KeysOptions & { algorithm?: (typeof SIGNING_ALGORITHMS)[number] }): Promise<void> {
  const keys = await keysOf(options);
  const { rotateSigningKey } = await import("../keys/rotate-signing-key.ts");
  const { kid, activeFrom } = await rotateSigningKey(keys.dir, options.algorithm ?? keys.algorithm);
  if (options.json === true) {
    printJson({ kid, active_from: activeFrom });
    return;
  }
  printLine(`made a signing key in ${keys.dir}`);
  printTable([
    ["kid", kid],
    ["signs from", activeFrom.toISOString()],
  ]);
}

async function keysOf({ config: path }: KeysOptions) {
  const { loadConfig } = await import("../config/load.ts");
  const { config } = await loadConfig({ path, env: process.env, cwd: process.cwd() });
  return config.keys;
}

import { type Command, InvalidArgumentError, Option } from "commander";
import { addConnectionOptions } from "./connection-options.ts";
import { addExamples } from "./examples.ts";
import type { RevocationWatchOptions } from "./watch-revocations.ts";
import type { SignalWatchOptions } from "./watch-signals.ts";

const SEVERITIES = ["info", "warning", "critical"];
const GREATEST_LATEST = 1_000;

export function define(command: Command): void {
  command
    .addOption(
      new Option(
        "--after <revision>",
        "only what was revoked after it; everything that is in force when absent",
      ).conflicts(["signals", "atLeast", "latest"]),
    )
    .option("--signals", "signals of misuse, not revocations")
    .addOption(
      new Option("--at-least <severity>", "only signals that matter as much, or more; implies --signals")
        .choices(SEVERITIES)
        .implies({ signals: true }),
    )
    .addOption(
      new Option("--latest <number>", "begin with so many of the latest signals; implies --signals")
        .argParser(latest)
        .implies({ signals: true }),
    );
  addConnectionOptions(command);
  addExamples(command, [
    "assay watch",
    "assay watch --json --after 0b2f…/17 >> revocations.jsonl",
    "assay watch --signals --latest 20",
    "assay watch --signals --at-least critical --json",
  ]);
  command.action(watch);
}

async function watch(options: RevocationWatchOptions & SignalWatchOptions & { signals?: boolean }): Promise<void> {
  if (options.signals === true) return (await import("./watch-signals.ts")).watchSignals(options);
  return (await import("./watch-revocations.ts")).watchRevocations(options);
}

function latest(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Infinity;
  if (value <= GREATEST_LATEST) return value;
  throw new InvalidArgumentError(`write a number up to ${GREATEST_LATEST}.`);
}

import type { Command } from "commander";

/** How this very command line was entered, so that what it prints can be typed again. */
export function programName(): string {
  const inRepository = process.env["npm_package_name"] === "assay" && process.env["npm_lifecycle_event"] !== undefined;
  return inRepository ? "npm run -s assay --" : "assay";
}

/** Ends the help of a command with examples. */
export function addExamples(command: Command, examples: readonly string[]): void {
  const lines = examples.map((example) => `  $ ${example.replaceAll(/\bassay(?= )/g, programName())}`);
  command.addHelpText("after", ["", "Examples:", ...lines].join("\n"));
}

import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { asFailure, EXIT } from "./failure.ts";
import { printable } from "./output.ts";

type CommandModule = { define(command: Command): void };

/** One file a command, loaded when the command line names it. */
const COMMANDS: ReadonlyArray<{ name: string; description: string; load: () => Promise<CommandModule> }> = [
  { name: "serve", description: "run the service", load: () => import("./serve.ts") },
  { name: "issue", description: "issue a token", load: () => import("./issue.ts") },
  { name: "refresh", description: "trade a refresh token for new tokens", load: () => import("./refresh.ts") },
  { name: "introspect", description: "say whether a token is active", load: () => import("./introspect.ts") },
  { name: "revoke", description: "make tokens inactive for good", load: () => import("./revoke.ts") },
  {
    name: "watch",
    description: "tell revocations, or signals of misuse, as they come",
    load: () => import("./watch.ts"),
  },
  { name: "exchange", description: "trade a token for one for another audience", load: () => import("./exchange.ts") },
  { name: "dpop", description: "make a DPoP proof, for trials", load: () => import("./dpop.ts") },
  { name: "keys", description: "list and rotate Assay's own keys", load: () => import("./keys.ts") },
  {
    name: "fingerprint",
    description: "say by which fingerprint something is followed in signals and the audit trail",
    load: () => import("./fingerprint.ts"),
  },
  { name: "store", description: "make a store, or accept that one lost its state", load: () => import("./store.ts") },
  { name: "config", description: "check and describe the configuration", load: () => import("./config.ts") },
  {
    name: "doctor",
    description: "say what stands against serving, and how to mend it",
    load: () => import("./doctor.ts"),
  },
  { name: "health", description: "say whether the service is serving", load: () => import("./health.ts") },
];

/** A reader that has seen enough (`| head`) is no failure. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const commandLine = process.argv.slice(2);
try {
  const program = await programFor(commandLine);
  await program.parseAsync(commandLine, { from: "user" });
} catch (error) {
  process.exitCode = report(error, commandLine.includes("--json"));
}

async function programFor(words: readonly string[]): Promise<Command> {
  const program = new Command("assay")
    .description("Is this bearer token genuine, alive, and meant for me?")
    .version(version(), "-V, --version")
    .exitOverride()
    .configureHelp({ styleTitle: (title) => styleText("bold", title) })
    .showSuggestionAfterError();
  for (const { name, description, load } of COMMANDS) {
    const command = program.command(name).description(description);
    if (words.includes(name)) (await load()).define(command);
  }
  program.addHelpText("after", "\nEvery command takes --json, and says more with --help.");
  return program;
}

/** Tells what went wrong in sentences, and returns the exit code. */
function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badUsage;
  const { message, exitCode, details } = asFailure(error);
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: { message, ...details } })}\n`);
    return exitCode;
  }
  const reason = details.reason ?? details.status;
  const lines = [
    `${styleText("red", "error", { stream: process.stderr })} ${reason === undefined ? "" : `${reason}: `}${multiline(message)}`,
    ...(details.fields ?? []).map(({ field, description }) => `  - ${printable(`${field}: ${description}`)}`),
    ...(details.hint === undefined ? [] : [details.hint]),
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  return exitCode;
}

function multiline(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function version(): string {
  const { version: text }: { version?: unknown } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return String(text);
}

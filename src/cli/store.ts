import type { Command } from "commander";
import type { MadeStore, StoreLoss } from "../compose/operate-store.ts";
import { addExamples, programName } from "./examples.ts";
import { EXIT, Failure } from "./failure.ts";
import { coloured, printable, printJson, printLine, printTable } from "./output.ts";

type StoreOptions = { config?: string; json?: boolean };
type AcceptOptions = StoreOptions & { yes?: boolean; predecessor?: string; nobodyLeft?: boolean };

export function define(command: Command): void {
  const init = command.command("init").description("make a store where there is none; one that is there is refused");
  addConfigOptions(init);
  addExamples(init, ["assay store init", "assay store init --config /etc/assay/assay.yaml --json"]);
  init.action(initialise);

  const accept = command
    .command("accept-loss")
    .description("make a store that lost its state anew of what is left; without --yes only say what that means");
  accept.option("--yes", "do it");
  accept.option(
    "--predecessor <incarnation>",
    "the store that was lost, as the log of a running instance names it: those instances go over to the new one",
  );
  accept.option(
    "--nobody-left",
    "no instance that ran before the loss runs any more: do not wait for one to put back what it holds",
  );
  addConfigOptions(accept);
  addExamples(accept, [
    "assay store accept-loss",
    "assay store accept-loss --predecessor fa18e01b-56c3-4dcf-abcb-3d49c0a8f78a --yes",
    "assay store accept-loss --nobody-left --yes",
  ]);
  accept.action(acceptLoss);
}

function addConfigOptions(command: Command): void {
  command.option("--config <file>", "the configuration whose store is meant").option("--json", "print JSON");
}

async function initialise(options: StoreOptions): Promise<void> {
  const { initStore } = await import("../compose/operate-store.ts");
  const { incarnation } = await initStore(await configOf(options));
  if (options.json === true) {
    printJson({ incarnation });
    return;
  }
  printLine(coloured("green", "The store has been made."));
  printTable([["incarnation", incarnation]]);
}

async function acceptLoss(options: AcceptOptions): Promise<void> {
  const { acceptStoreLoss, lossOfStore } = await import("../compose/operate-store.ts");
  const config = await configOf(options);
  const loss = await lossOfStore(config);
  refuseWithoutNeed(loss, options);
  const consequences = [...lostSentences(loss), ...comingSentences(loss, options)];
  if (options.yes !== true) {
    tell(options, { accepted: false, lost: loss.lost, consequences }, [
      ...consequences,
      `Nothing was done. To accept it, say the same with --yes: ${commandLine(options)}`,
    ]);
    process.exitCode = EXIT.refused;
    return;
  }
  const made = await acceptStoreLoss(config, options);
  if (made === undefined) throw nothingMissing(loss);
  tell(options, { accepted: true, ...made, lost: loss.lost, consequences }, consequences);
  if (options.json !== true) printMade(made, loss);
}

/** @throws Failure */
function refuseWithoutNeed(loss: StoreLoss, { predecessor, nobodyLeft }: AcceptOptions): void {
  const isSuccessor = loss.kind === "redis" && predecessor !== undefined && predecessor !== loss.incarnation;
  const isGivenUp = loss.awaited !== undefined && nobodyLeft === true;
  if (loss.state === "whole" && !isSuccessor && !isGivenUp) throw nothingMissing(loss);
  if (loss.state === "absent" && predecessor === undefined) {
    throw new Failure(
      EXIT.refused,
      `There is nothing at ${loss.where}, not even the name of a store that was there. Where instances still run, take the command from their log: ` +
        "it names the lost store with --predecessor, and without it they would stay closed. Where none runs, and no backup can be restored, make a new store: assay store init",
    );
  }
  const isNamed = (predecessor ?? loss.incarnation) !== undefined;
  if (loss.kind === "redis" && !isNamed && nobodyLeft !== true) {
    throw new Failure(
      EXIT.refused,
      `What is left at ${loss.where} does not tell which store it was. Where instances still run, take the command from their log: it names the lost store with --predecessor. Where none runs any more, say so: --nobody-left`,
    );
  }
}

function nothingMissing({ where, awaited }: StoreLoss): Failure {
  if (awaited !== undefined) {
    return new Failure(
      EXIT.refused,
      `The store at ${where} waits already for the instances that hold what was lost with ${awaited}: nothing was done. Where none of them runs any more, say so: --nobody-left`,
    );
  }
  return new Failure(EXIT.refused, `The store at ${where} lacks nothing: nothing was done.`);
}

function lostSentences({ where, state, lost, incarnation, awaited }: StoreLoss): string[] {
  if (awaited !== undefined) {
    return [`The store at ${where} waits for an instance that holds what was lost with ${awaited}.`];
  }
  if (state === "whole") {
    return [
      `The store at ${where} lacks nothing, but is ${incarnation}: it was made after the one that you name was lost.`,
    ];
  }
  if (state === "absent") {
    return [
      `The store at ${where} has lost everything: revocations, refresh token families, opaque tokens, used proofs and keys.`,
    ];
  }
  return [`The store at ${where} has lost: ${lost.join(", ")}.`];
}

/** What comes of accepting it. Each is true whichever part was lost. */
function comingSentences({ kind, incarnation }: StoreLoss, { predecessor, nobodyLeft }: AcceptOptions): string[] {
  const common = [
    "Refresh token families and opaque tokens that are lost stay lost: they are refused, and their clients ask their users again.",
    "A revocation that was acknowledged, and that nobody holds any more, is forgotten: what it had revoked is active again until it expires. " +
      "Where that must not be, revoke again: bulk revocations by client, issuer or key are the quickest.",
  ];
  if (kind === "sqlite") {
    return [
      "The store gets a new incarnation: instances that run on the former must be stopped first, and started after. Revocations that the log still holds come back.",
      "Where the keys are lost the next start makes new ones: tokens of before are inactive.",
      ...common,
    ];
  }
  const former = predecessor ?? incarnation;
  return [
    former === undefined
      ? "Nothing tells which store it was: running instances stay closed until they are restarted, and what they hold is not put back. Name it with --predecessor."
      : `Instances that still run on the store ${former} go over to the new one: they put back the keys and every revocation that they hold, then open. Do not restart any before.`,
    nobodyLeft === true
      ? "Nobody is waited for: instances open at once, and know of no revocation that is not there."
      : "Until one of them has done so no instance opens. Where none of them runs any more, say so: --nobody-left",
    "Where no instance runs that had read the keys, the next start makes new ones: tokens of before are inactive.",
    ...common,
  ];
}

function tell(options: AcceptOptions, json: object, sentences: readonly string[]): void {
  if (options.json === true) printJson(json);
  else for (const sentence of sentences) printLine(printable(sentence));
}

function printMade({ incarnation, predecessors }: MadeStore, { state }: StoreLoss): void {
  const outcome = state === "whole" ? "the store that is there takes over" : "the store has been made anew";
  printLine(coloured("green", `The loss has been accepted: ${outcome}.`));
  printTable([
    ["incarnation", incarnation],
    ["predecessors", predecessors.join(", ")],
  ]);
}

function commandLine({ config, predecessor, nobodyLeft }: AcceptOptions): string {
  const words = ["store", "accept-loss"];
  if (config !== undefined) words.push("--config", config);
  if (predecessor !== undefined) words.push("--predecessor", predecessor);
  if (nobodyLeft === true) words.push("--nobody-left");
  return `${programName()} ${[...words, "--yes"].join(" ")}`;
}

async function configOf({ config: path }: StoreOptions) {
  const { loadConfig } = await import("../config/load.ts");
  const { config } = await loadConfig({ path, env: process.env, cwd: process.cwd() });
  return config;
}

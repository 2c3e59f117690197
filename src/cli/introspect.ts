import type { Command } from "commander";
import type { IntrospectResponse } from "../gen/assay/v1/token_service.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { addContextOptions, type ContextOptions } from "./context-options.ts";
import { addExamples } from "./examples.ts";
import { EXIT, Failure } from "./failure.ts";
import { collect } from "./option-values.ts";
import { addProofOptions, type ProofOptions, readProof } from "./proof-options.ts";
import { readToken } from "./read-token.ts";

type IntrospectOptions = ConnectionOptions &
  ProofOptions &
  ContextOptions & {
    audience?: readonly string[];
    scope?: readonly string[];
    atLeastAsFresh?: string;
    signals?: boolean;
  };

export function define(command: Command): void {
  command
    .argument("<token>", "the token; - reads it from standard input")
    .option("--audience <uri>", "ask as this resource server of the caller's; may be repeated", collect)
    .option("--scope <scopes>", "scopes that must all be granted; may be repeated", collect)
    .option("--at-least-as-fresh <revision>", "answer with the knowledge of this revocation, and of all before it")
    .option("--signals", "tell too what the question has shown of misuse; takes the permission diagnose");
  addProofOptions(command);
  addContextOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    "assay introspect - < token.txt",
    "assay introspect asy_at_… --audience https://api.example --scope read --json",
    "assay introspect - --signals --client-ip 198.51.100.9 --user-agent curl/8.5.0 < token.txt",
    "assay introspect - --dpop proof.txt --http-method GET --http-uri https://api.example/orders < token.txt",
  ]);
  command.addHelpText(
    "after",
    "\nExit codes: 0 active, 1 inactive, 2 bad usage, 3 the service could not answer (or would not).",
  );
  command.action(introspect);
}

async function introspect(argument: string, options: IntrospectOptions): Promise<void> {
  const request = {
    ...(await readProof(options, [argument])),
    token: await readToken(argument),
    token_type_hint: "",
    audience: [...(options.audience ?? [])],
    with_marks: false,
    with_signals: options.signals ?? false,
    at_least_as_fresh: options.atLeastAsFresh ?? "",
    required_scopes: (options.scope ?? []).flatMap((scopes) => scopes.split(/\s+/)).filter((scope) => scope !== ""),
  };
  const { withService } = await import("./service.ts");
  const answer = await withService(options, (service) => service.introspect(request)).catch(refusalIsNoAnswer);
  const { printIntrospection } = await import("./introspection.ts");
  printIntrospection(answer, options);
  if (!answer.active) process.exitCode = EXIT.inactive;
}

/** 1 says that the token is inactive, and a refused question says nothing about it. */
function refusalIsNoAnswer(error: unknown): IntrospectResponse {
  if (!(error instanceof Failure) || error.exitCode !== EXIT.refused) throw error;
  throw new Failure(EXIT.noAnswer, error.message, error.details);
}

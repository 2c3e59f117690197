import type { Command } from "commander";
import type { ConnectionOptions } from "./connection-options.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { addContextOptions, type ContextOptions } from "./context-options.ts";
import { addExamples } from "./examples.ts";
import { addProofOptions, type ProofOptions, readProof } from "./proof-options.ts";
import { readToken } from "./read-token.ts";

type RefreshOptions = ConnectionOptions & ProofOptions & ContextOptions & { client: string; scope?: string };

export function define(command: Command): void {
  command
    .argument("<token>", "the refresh token; - reads it from standard input")
    .requiredOption("--client <id>", "the client it was issued to")
    .option("--scope <scopes>", "a narrower scope for the new access token");
  addProofOptions(command);
  addContextOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    "assay refresh - --client dev < refresh-token.txt",
    "assay refresh asy_rt_… --client dev --json",
  ]);
  command.action(refresh);
}

async function refresh(argument: string, options: RefreshOptions): Promise<void> {
  const value = {
    ...(await readProof(options, [argument])),
    refresh_token: await readToken(argument),
    client_id: options.client,
    scope: options.scope ?? "",
  };
  const { withService } = await import("./service.ts");
  const { printIssued } = await import("./issued-tokens.ts");
  const answer = await withService(options, (service) => service.issue({ grant: { $case: "refresh", value } }));
  printIssued(answer, options.json);
}

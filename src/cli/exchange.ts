import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { Exchange } from "../gen/assay/v1/token_service.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { addContextOptions, type ContextOptions } from "./context-options.ts";
import { addExamples } from "./examples.ts";
import { badUsage } from "./failure.ts";
import { collect } from "./option-values.ts";
import { addProofOptions, type ProofOptions, readProof } from "./proof-options.ts";
import { readToken } from "./read-token.ts";

type ExchangeOptions = ConnectionOptions &
  ProofOptions &
  ContextOptions & {
    client: string;
    subjectToken: string;
    actorToken?: string;
    audience: readonly string[];
    scope?: string;
    requestedTokenType?: string;
  };

const TOKEN_TYPE = "urn:ietf:params:oauth:token-type:";

export function define(command: Command): void {
  command
    .requiredOption("--client <id>", "the client that asks, to which the new token is issued")
    .requiredOption("--subject-token <token>", "the token that says for whom; - reads it from standard input")
    .option("--actor-token <token>", "the token of the party that acts; - reads it from standard input")
    .requiredOption("--audience <uri>", "whom the new token is meant for; may be repeated", collect)
    .option("--scope <scopes>", "its scopes, never more than the subject token's")
    .option("--requested-token-type <type>", "access_token or jwt, or the full URN", tokenType);
  addProofOptions(command);
  addContextOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    "assay exchange --client orders --subject-token - --audience https://orders.example < token.txt",
    'assay exchange --client orders --subject-token eyJ… --actor-token asy_at_… --audience https://orders.example --scope "read"',
  ]);
  command.action(exchange);
}

async function exchange(options: ExchangeOptions): Promise<void> {
  const value = await exchangeRequest(options);
  const { withService } = await import("./service.ts");
  const { printIssued } = await import("./issued-tokens.ts");
  const answer = await withService(options, (service) => service.issue({ grant: { $case: "exchange", value } }));
  printIssued(answer, options.json);
}

async function exchangeRequest(options: ExchangeOptions): Promise<Exchange> {
  const { subjectToken, actorToken } = options;
  if (subjectToken === "-" && actorToken === "-") {
    throw badUsage("only one token can come from standard input: give --subject-token or --actor-token itself");
  }
  return {
    ...(await readProof(options, [subjectToken, actorToken])),
    client_id: options.client,
    subject_token: await readToken(subjectToken),
    subject_token_type: `${TOKEN_TYPE}access_token`,
    actor_token: actorToken === undefined ? "" : await readToken(actorToken),
    actor_token_type: actorToken === undefined ? "" : `${TOKEN_TYPE}access_token`,
    audience: [...options.audience],
    scope: options.scope ?? "",
    requested_token_type: options.requestedTokenType ?? "",
  };
}

function tokenType(text: string): string {
  const name = text.startsWith(TOKEN_TYPE) ? text.slice(TOKEN_TYPE.length) : text;
  if (name === "access_token" || name === "jwt") return `${TOKEN_TYPE}${name}`;
  throw new InvalidArgumentError(`write access_token, jwt, or one of them after ${TOKEN_TYPE}`);
}

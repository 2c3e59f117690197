import type { Command } from "commander";
import { Option } from "commander";
import type { Mint } from "../gen/assay/v1/token_service.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { addContextOptions, type ContextOptions, contextOf } from "./context-options.ts";
import { addExamples } from "./examples.ts";
import { badUsage } from "./failure.ts";
import { collect, duration, jsonObject, time } from "./option-values.ts";

type IssueOptions = ConnectionOptions &
  ContextOptions & {
    client: string;
    subject: string;
    audience: readonly string[];
    scope?: string;
    format?: "jwt" | "opaque";
    /** Milliseconds. */
    lifetime?: number;
    refresh?: boolean;
    claims?: Record<string, unknown>;
    acr?: string;
    amr?: readonly string[];
    authTime?: number;
    cnfJkt?: string;
    cnfX5tS256?: string;
  };

export function define(command: Command): void {
  command
    .requiredOption("--client <id>", "the client the token is issued to")
    .requiredOption("--subject <sub>", "whom the token speaks for")
    .requiredOption("--audience <uri>", "whom it is meant for; may be repeated", collect)
    .option("--scope <scopes>", 'its scopes, as "read write"')
    .addOption(new Option("--format <format>", "its form; the client's default otherwise").choices(["jwt", "opaque"]))
    .option("--lifetime <duration>", "how long it lives: 5m", duration)
    .option("--refresh", "issue a refresh token too")
    .option("--claims <json>", "further claims, as a JSON object", jsonObject)
    .option("--acr <acr>", "how strongly the subject authenticated")
    .option("--amr <method>", "by which method; may be repeated", collect)
    .option("--auth-time <time>", "when the subject authenticated: RFC 3339 or seconds since 1970", time)
    .option("--cnf-jkt <thumbprint>", "bind it to a DPoP key")
    .option("--cnf-x5t-s256 <thumbprint>", "bind it to a client certificate");
  addContextOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    "assay issue --client dev --subject alice --audience https://api.example",
    'assay issue --client dev --subject alice --audience https://api.example --scope "read write" --format opaque --refresh --json',
    "assay issue --client dev --subject alice --audience https://api.example | assay introspect -",
  ]);
  command.addHelpText("after", "\nInto a pipe only the tokens are written, one a line.");
  command.action(issue);
}

async function issue(options: IssueOptions): Promise<void> {
  const value = mint(options);
  const { withService } = await import("./service.ts");
  const { printIssued } = await import("./issued-tokens.ts");
  const answer = await withService(options, (service) => service.issue({ grant: { $case: "mint", value } }));
  printIssued(answer, options.json);
}

function mint(options: IssueOptions): Mint {
  const { lifetime = 0, cnfJkt, cnfX5tS256 } = options;
  if (lifetime % 1_000 !== 0) throw badUsage("--lifetime: write whole seconds: 10s, 15m, 1h");
  if (cnfJkt !== undefined && cnfX5tS256 !== undefined) {
    throw badUsage("a token is bound to one key: give --cnf-jkt or --cnf-x5t-s256");
  }
  const bound = cnfJkt !== undefined || cnfX5tS256 !== undefined;
  return {
    client_id: options.client,
    subject: options.subject,
    scope: options.scope ?? "",
    audience: [...options.audience],
    format: FORMATS[options.format ?? "unspecified"],
    lifetime: lifetime === 0 ? undefined : { seconds: lifetime / 1_000, nanos: 0 },
    refresh: options.refresh ?? false,
    cnf: bound ? { jkt: cnfJkt, x5t_s256: cnfX5tS256 } : undefined,
    claims: options.claims,
    auth_time: options.authTime,
    acr: options.acr,
    amr: [...(options.amr ?? [])],
    context: contextOf(options),
  };
}

/** `assay.v1.TokenFormat`, written out so that the generated code loads only once there is something to ask. */
const FORMATS = { unspecified: 0, jwt: 1, opaque: 2 } as const;

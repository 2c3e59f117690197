import type { Command } from "commander";
import type { RevokeRequest, RevokeResponse } from "../gen/assay/v1/token_service.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { addExamples } from "./examples.ts";
import { badUsage } from "./failure.ts";
import { time } from "./option-values.ts";
import { printJson, printLine, printTable } from "./output.ts";
import { readToken } from "./read-token.ts";

type RevokeOptions = ConnectionOptions & {
  sid?: string;
  subject?: string;
  client?: string;
  keyId?: string;
  issuer?: string;
  jti?: string;
  iss?: string;
  bornAtOrBefore?: number;
  reason?: string;
};

type Selector = NonNullable<RevokeRequest["selector"]>;

export function define(command: Command): void {
  command
    .argument("[token]", "a token to revoke; - reads it from standard input")
    .option("--sid <sid>", "revoke a family")
    .option("--subject <sub>", "revoke what a subject holds")
    .option("--client <id>", "revoke what a client holds")
    .option("--key-id <kid>", "revoke whatever a key signed, for good")
    .option("--issuer <iss>", "revoke whatever an issuer issued, for good")
    .option("--jti <jti>", "revoke one token by its identifier")
    .option("--iss <iss>", "whose sid, subject, client, key or jti; Assay's own otherwise")
    .option(
      "--born-at-or-before <time>",
      "with --subject, --client: only what began until then; RFC 3339 or seconds",
      time,
    )
    .option("--reason <text>", "why, for the audit trail");
  addConnectionOptions(command);
  addExamples(command, [
    "assay revoke - < token.txt",
    'assay revoke --subject alice --reason "laptop lost"',
    "assay revoke --client web --born-at-or-before 2026-01-31T12:00:00Z",
    "assay revoke --jti 0197… --iss https://login.example.com",
  ]);
  command.action(revoke);
}

async function revoke(argument: string | undefined, options: RevokeOptions): Promise<void> {
  const selector = await selectorOf(argument, options);
  const { $case } = selector;
  if (options.iss !== undefined && ($case === "token" || $case === "issuer")) {
    throw badUsage("--iss goes with --sid, --subject, --client, --key-id and --jti");
  }
  if (options.bornAtOrBefore !== undefined && $case !== "subject" && $case !== "client_id") {
    throw badUsage("--born-at-or-before goes with --subject and --client: the others are revoked whole");
  }
  const request = {
    selector,
    token_type_hint: "",
    iss: $case === "subject" || $case === "token_id" ? "" : (options.iss ?? ""),
    born_at_or_before: options.bornAtOrBefore,
    reason: options.reason ?? "",
  };
  const { withService } = await import("./service.ts");
  const { durabilityToJSON } = await import("../gen/assay/v1/token_service.ts");
  const answer = await withService(options, (service) => service.revoke(request));
  printRevoked(answer, durabilityToJSON(answer.durability).replace("DURABILITY_", "").toLowerCase(), options.json);
}

async function selectorOf(argument: string | undefined, options: RevokeOptions): Promise<Selector> {
  const { sid, subject, client, keyId, issuer, jti, iss = "" } = options;
  const candidates: ReadonlyArray<Selector | undefined> = [
    argument === undefined ? undefined : { $case: "token", value: argument },
    sid === undefined ? undefined : { $case: "sid", value: sid },
    subject === undefined ? undefined : { $case: "subject", value: { iss, sub: subject } },
    client === undefined ? undefined : { $case: "client_id", value: client },
    keyId === undefined ? undefined : { $case: "key_id", value: keyId },
    issuer === undefined ? undefined : { $case: "issuer", value: issuer },
    jti === undefined ? undefined : { $case: "token_id", value: { iss, jti } },
  ];
  const [selector, another] = candidates.filter((candidate) => candidate !== undefined);
  if (selector === undefined || another !== undefined) {
    throw badUsage("name one thing to revoke: a token, --sid, --subject, --client, --key-id, --issuer or --jti");
  }
  return selector.$case === "token" ? { $case: "token", value: await readToken(selector.value) } : selector;
}

function printRevoked({ revision }: RevokeResponse, durability: string, json: boolean | undefined): void {
  if (json === true) {
    printJson(revision === undefined ? {} : { revision, durability });
    return;
  }
  if (revision === undefined) {
    printLine("nothing to revoke: the token is unknown, malformed or expired");
    return;
  }
  printLine("revoked");
  printTable([
    ["revision", revision],
    ["durability", durability],
  ]);
}

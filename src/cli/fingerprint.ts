import type { Command } from "commander";
import type { KnownFingerprints } from "../compose/own-fingerprints.ts";
import { addExamples } from "./examples.ts";
import { badUsage } from "./failure.ts";
import { time } from "./option-values.ts";
import { printJson, printTable } from "./output.ts";

type FingerprintOptions = {
  config?: string;
  json?: boolean;
  jti?: string;
  sid?: string;
  subject?: string;
  keyId?: string;
  iss?: string;
  at?: number;
};

export function define(command: Command): void {
  command
    .option("--jti <jti>", "of a token")
    .option("--sid <sid>", "of a family")
    .option("--subject <sub>", "of a subject")
    .option("--key-id <kid>", "of a signing key")
    .option("--iss <iss>", "whose jti, sid, subject or key; Assay's own otherwise")
    .option("--at <time>", "as it was then, where fingerprints change; RFC 3339 or seconds; now when absent", time)
    .option("--config <file>", "the configuration whose store is meant")
    .option("--json", "print JSON");
  addExamples(command, [
    "assay fingerprint --subject alice",
    "assay fingerprint --sid 0197… --at 2026-01-31T12:00:00Z --json",
  ]);
  command.action(fingerprint);
}

async function fingerprint({ jti, sid, subject: sub, keyId: kid, iss, at, ...options }: FingerprintOptions) {
  if (jti === undefined && sid === undefined && sub === undefined && kid === undefined)
    throw badUsage("name what to look for: --jti, --sid, --subject or --key-id");
  const { loadConfig } = await import("../config/load.ts");
  const { config } = await loadConfig({ path: options.config, env: process.env, cwd: process.cwd() });
  const { fingerprintsAt } = await import("../compose/own-fingerprints.ts");
  const named = {
    iss,
    ...(jti === undefined ? {} : { jti }),
    ...(sid === undefined ? {} : { sid }),
    ...(sub === undefined ? {} : { sub }),
    ...(kid === undefined ? {} : { kid }),
  };
  const found = await fingerprintsAt(config, named, at === undefined ? undefined : at * 1_000);
  if (options.json === true) printJson(json(found));
  else printTable(Object.entries(json(found)));
}

/** Times as in RFC 3339. */
function json({ tokenFingerprint, familyFingerprint, subjectFingerprint, keyFingerprint, between }: KnownFingerprints) {
  return {
    token: tokenFingerprint,
    family: familyFingerprint,
    subject: subjectFingerprint,
    key: keyFingerprint,
    from: between?.from.toISOString(),
    until: between?.until.toISOString(),
  };
}

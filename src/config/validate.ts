import { checkAdmin } from "./checks/admin.ts";
import { checkRecognition } from "./checks/caller-recognition.ts";
import { checkPermissions } from "./checks/caller-permissions.ts";
import { checkCallers } from "./checks/callers.ts";
import { checkClients } from "./checks/clients.ts";
import { checkEvents } from "./checks/events.ts";
import { checkFiles } from "./checks/files.ts";
import { checkIssuerKeys } from "./checks/issuer-keys.ts";
import { checkIssuers } from "./checks/issuers.ts";
import { checkLimits } from "./checks/limits.ts";
import { checkKeys } from "./checks/keys.ts";
import { checkLifetimes } from "./checks/lifetimes.ts";
import { checkListening } from "./checks/listening.ts";
import { checkStore } from "./checks/store.ts";
import { checkTelemetry } from "./checks/telemetry.ts";
import { checkUpstream } from "./checks/upstream.ts";
import type { Path } from "./config-error.ts";
import { formatPath } from "./config-error.ts";
import type { Check } from "./draft.ts";
import { draftOf } from "./draft.ts";
import type { LocatedMistake } from "./plain-message.ts";
import { plainMistakes } from "./plain-message.ts";
import type { Config } from "./schema.ts";
import { configSchema } from "./schema.ts";

export type Validation = { config: Config | undefined; mistakes: readonly LocatedMistake[] };

const CHECKS: readonly Check[] = [
  checkListening,
  checkTelemetry,
  checkAdmin,
  checkUpstream,
  checkIssuers,
  checkIssuerKeys,
  checkStore,
  checkKeys,
  checkLifetimes,
  checkClients,
  checkCallers,
  checkPermissions,
  checkRecognition,
  checkEvents,
  checkLimits,
  checkFiles,
];

/** Judges a configuration: each key by the schema, then what is valid of it together. `config` is set when nothing is wrong. */
export function validate(input: unknown, cwd: string): Validation {
  const parsed = configSchema.safeParse(input);
  const mistakes = (parsed.error?.issues ?? []).flatMap((issue) => plainMistakes(configSchema, input, issue));
  const between: LocatedMistake[] = [];
  const draft = draftOf(input);
  for (const check of CHECKS) {
    check(draft, (at, message) => between.push({ at, path: formatPath(at), message }), cwd);
  }
  const all = [...mistakes, ...between.filter(({ at }) => !mistakes.some((mistake) => concerns(mistake.at, at)))];
  return { config: parsed.success && all.length === 0 ? parsed.data : undefined, mistakes: all };
}

/** A mistake at a place, or within it, may be the cause of what seems wrong with the whole place. */
function concerns(mistake: Path, place: Path): boolean {
  return place.every((key, index) => mistake[index] === key);
}

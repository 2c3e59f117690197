import type { Path } from "../config-error.ts";
import { formatPath } from "../config-error.ts";
import type { Check, Draft } from "../draft.ts";
import { reportDuplicates } from "./duplicates.ts";

type Report = Parameters<Check>[1];
type CallerDraft = Draft["callers"][number];
type Entry = NonNullable<CallerDraft["permissions"]>[number];

/** That each permission is given once, and limited to what the caller has, in ways that mean something. */
export const checkPermissions: Check = ({ callers, clients, role }, report) => {
  // A verifier knows none: any name may be one.
  const known = role === "verifier" ? [undefined] : clients.map((client) => client.client_id);
  for (const [index, caller] of callers.entries()) {
    const entries = (caller.permissions ?? []).map((entry, position) => ({
      entry,
      path: ["callers", index, "permissions", position],
    }));
    const names = entries.map(({ entry, path }) => ({ value: entry.permission, path }));
    reportDuplicates(names, "this permission is given already", report);
    for (const { entry, path } of entries) {
      checkMeaning(entry, path, report);
      checkAudiences(caller, entry, ["callers", index, "audiences"], path, report);
      checkClients(caller, entry, known, ["callers", index, "clients"], path, report);
    }
  }
};

function checkMeaning({ permission, audiences, clients }: Entry, path: Path, report: Report): void {
  if (permission === "watch") {
    const message = "watch cannot be limited: it shows all revocations or none. Remove this, or the permission";
    if (audiences !== undefined) report([...path, "audiences"], message);
    if (clients !== undefined) report([...path, "clients"], message);
  }
  if (permission === "admin" && audiences !== undefined) {
    report(
      [...path, "audiences"],
      "admin cannot be limited to audiences: clients, keys and issuers name none. Remove this, or limit it to clients",
    );
  }
}

function checkAudiences(caller: CallerDraft, entry: Entry, own: Path, path: Path, report: Report): void {
  if (caller.audiences === undefined) return;
  for (const [position, name] of (entry.audiences ?? []).entries()) {
    if (caller.audiences.includes(name)) continue;
    report(
      [...path, "audiences", position],
      `'${name}' is none of the caller's own audiences: add it to ${formatPath(own)}, or remove it here`,
    );
  }
}

function checkClients(
  caller: CallerDraft,
  entry: Entry,
  known: readonly (string | undefined)[],
  own: Path,
  path: Path,
  report: Report,
): void {
  if (caller.clients === undefined) return;
  const ownsAll = caller.clients.includes("*");
  for (const [position, name] of (entry.clients ?? []).entries()) {
    const at = [...path, "clients", position];
    if (name === "*") {
      report(at, '"*" limits nothing: name clients, or remove clients here');
    } else if (!ownsAll && !caller.clients.includes(name)) {
      report(at, `'${name}' is none of the caller's own clients: add it to ${formatPath(own)}, or remove it here`);
    } else if (ownsAll && !known.includes(name) && !known.includes(undefined)) {
      report(at, `there is no client '${name}': add it under clients, or correct the name`);
    }
  }
}

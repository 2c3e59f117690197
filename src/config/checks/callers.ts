import type { Check, Draft } from "../draft.ts";
import { reportDuplicates } from "./duplicates.ts";

type Report = Parameters<Check>[1];

const ONE_ONLY = "this is given already, and must recognise one caller only";

/** Who may call: told apart, and able to do what it is permitted to. */
export const checkCallers: Check = (draft, report) => {
  if (draft.development === false && draft.callers.length === 0) {
    report(["callers"], "nobody could call: name at least one caller, or set development: true on loopback");
  }
  checkAbility(draft, report);
  checkClientNames(draft, report);
  checkUniqueness(draft, report);
};

function checkAbility({ callers }: Draft, report: Report): void {
  for (const [index, { permissions = [], audiences, clients }] of callers.entries()) {
    const names = new Set(permissions.map(({ permission }) => permission));
    if (names.has("introspect") && audiences?.length === 0) {
      report(
        ["callers", index, "audiences"],
        "every token would be inactive for this caller: name its own identifiers as a resource server",
      );
    }
    if (names.has("issue") && clients?.length === 0) {
      report(["callers", index, "clients"], 'it could issue for nobody: name clients, or write ["*"] for all');
    }
  }
}

function checkClientNames({ callers, clients, role }: Draft, report: Report): void {
  const known = new Set(clients.map((client) => client.client_id));
  for (const [index, { clients: named = [] }] of callers.entries()) {
    if (named.includes("*") && named.length > 1) {
      report(["callers", index, "clients"], '"*" means all clients: write it alone, or remove it');
    }
    // A verifier knows none.
    if (known.has(undefined) || role === "verifier") continue;
    for (const [position, name] of named.entries()) {
      if (name === "*" || known.has(name)) continue;
      report(
        ["callers", index, "clients", position],
        `there is no client '${name}': add it under clients, or correct the name`,
      );
    }
  }
}

function checkUniqueness({ callers }: Draft, report: Report): void {
  const names = callers.map(({ name }, index) => ({ value: name, path: ["callers", index, "name"] }));
  reportDuplicates(names, "another caller has this name", report);
  for (const key of ["certificate_san", "secret_sha256"] as const) {
    const entries = callers.flatMap((caller, index) =>
      (caller[key] ?? []).map((value, position) => ({ value, path: ["callers", index, key, position] })),
    );
    reportDuplicates(entries, ONE_ONLY, report);
  }
  const tokens = callers.map(({ jwt }, index) => ({
    value: jwt === undefined ? undefined : JSON.stringify([jwt.issuer, jwt.subject]),
    path: ["callers", index, "jwt"],
  }));
  reportDuplicates(tokens, ONE_ONLY, report);
}

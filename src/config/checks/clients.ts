import type { Check } from "../draft.ts";
import { reportDuplicates } from "./duplicates.ts";

/** Clients are told apart, and "*" is left to mean all of them. */
export const checkClients: Check = (draft, report) => {
  const entries = draft.clients.map(({ client_id }, index) => ({
    value: client_id,
    path: ["clients", index, "client_id"],
  }));
  reportDuplicates(entries, "another client has this client_id", report);
  for (const { value, path } of entries) {
    if (value === "*") report(path, '"*" stands for all clients in callers: give it another client_id');
  }
};

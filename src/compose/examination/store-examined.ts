import type { StoredKeyring } from "../../core/ports.ts";
import type { Finding } from "./finding.ts";

/** What is said of a store, and what lies in it for the other examinations. */
export type StoreExamined = {
  findings: readonly Finding[];
  keyring: StoredKeyring | undefined;
  /** The store's time less this machine's, in milliseconds. */
  aheadMs: number;
};

/** What the console is handed to show, and whom to. */
import type { PeerCertificate } from "node:tls";
import type { AtOnce } from "../core/at-once.ts";
import type { Caller } from "../core/caller.ts";
import type { Authority, Environment } from "../core/environment.ts";
import type { InactiveReason } from "../core/inactive-reason.ts";

/** What a browser presents of itself. */
export type Presented = {
  /** The header `authorization`, whatever it holds. */
  authorization: string | undefined;
  /** The certificate that the connection showed: one that the configured authorities signed. */
  certificate: PeerCertificate | undefined;
  /** `HOST:PORT`. */
  peer: string;
};

/** A key of our own, as far as it may be told. */
export type ShownKey = {
  kind: "signing" | "mac" | "data";
  id: string;
  alg: string;
  state: "next" | "active" | "retired" | "revoked";
  created: Date;
  activates: Date;
  retires?: Date;
  removed?: Date;
};

/** What pages are made from. Replaced as a whole when the configuration changes. */
export type Shown = {
  environment: Environment;
  /** Absent at a verifier, which revokes nothing itself and stores no family. */
  authority?: Authority;
  /** Of our own keys; absent at a verifier. @throws AssayError `store_unavailable` */
  listKeys?: () => Promise<readonly ShownKey[]>;
  /** @throws AssayError `caller_unknown`, `keys_unavailable`, `store_unavailable` */
  recognise(presented: Presented): AtOnce<Caller>;
};

/** What one process has counted since its start, and measures now. */
export type Figures = {
  /** Calls by RPC, and in how many seconds: `counts` are of each bucket alone, `bounds` the upper bounds of all but the last. */
  calls: readonly { rpc: string; count: number; bounds: readonly number[]; counts: readonly number[] }[];
  /** Introspections, those of batches and streams too, by outcome. */
  introspections: Readonly<Partial<Record<"active" | InactiveReason, number>> & Record<string, number>>;
  /** Seconds since the view was last proved to be whole; how many revocations it holds, in how many bytes. */
  view: { staleFor: number; entries: number; bytes: number };
  issuerKeys: readonly IssuerKeyFigures[];
};

export type IssuerKeyFigures = {
  issuer: string;
  /** Seconds since the keys in use were asked for; undefined while there are none. */
  age: number | undefined;
  /** How often keys were fetched, by how that ended. */
  fetches: Readonly<Record<string, number>>;
};

/** What a process told. */
export type Told = {
  /** Its number among the workers of the instance; undefined where it is alone. */
  worker: number | undefined;
  /** Undefined where it did not answer in time. */
  figures: Figures | undefined;
};

/** Asks all processes of the instance. */
export type Ask = () => Promise<readonly Told[]>;

export type ConsoleLog = Readonly<Record<"info" | "warn" | "error", (fields: object, message: string) => void>>;

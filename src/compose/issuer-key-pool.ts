import type { TrustedIssuerConfig } from "../config/schema.ts";
import type { IssuerKeys } from "../core/ports.ts";
import { openIssuerKeys } from "../keys/issuer-keys.ts";
import type { KeyLog } from "../keys/key-log.ts";
import type { KeyObserver } from "../keys/key-observer.ts";
import { issuerKeyOptions } from "./issuer-key-options.ts";

/** @throws StartError when the keys of the issuer cannot be had as configured */
export type OpenKeys = (config: TrustedIssuerConfig) => IssuerKeys;

/** Issuers' keys that are fetched once for all their uses, and stay known over a reload that does not touch the issuer. */
export type IssuerKeyPool = {
  /** Opens what is not open yet. Call `settle` when everything that a configuration names has been opened. */
  open: OpenKeys;
  /** Keeps what was opened since the last time, and that alone; or, when the configuration was refused, what was kept before. */
  settle(isTaken: boolean): void;
};

export function issuerKeyPool(log: KeyLog, observer: KeyObserver): IssuerKeyPool {
  let kept = new Map<string, IssuerKeys>();
  let wanted = new Map<string, IssuerKeys>();
  return {
    open(config) {
      const name = JSON.stringify(config);
      const keys = wanted.get(name) ?? kept.get(name) ?? openIssuerKeys({ ...issuerKeyOptions(config), log, observer });
      wanted.set(name, keys);
      return keys;
    },
    settle(isTaken) {
      if (isTaken) kept = wanted;
      wanted = new Map();
    },
  };
}

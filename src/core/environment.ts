import type { IssuerKeys, Keyring, MacKeys, SignalSink, Store, Trace } from "./ports.ts";
import type { DerivedKeys } from "./master-key.ts";

export type TokenFormat = "jwt" | "opaque";
export type Grant = "mint" | "refresh" | "exchange";

/** What one client may get. Lifetimes in whole seconds. */
export type ClientPolicy = {
  clientId: string;
  scopes: ReadonlySet<string>;
  audiences: ReadonlySet<string>;
  /** In order of preference; at least one. */
  formats: readonly TokenFormat[];
  grants: ReadonlySet<Grant>;
  /** As a resource server it may exchange tokens meant for these audiences, besides tokens issued to itself. */
  subjectAudiences: ReadonlySet<string>;
  accessLifetime: number;
  accessMaxLifetime: number;
  refreshIdleLifetime: number;
  refreshAbsoluteLifetime: number;
  /** How long after a rotation its predecessor may be retried; 0 turns retries off. */
  refreshGrace: number;
};

/** A foreign issuer whose JWTs are accepted. Lifetimes in whole seconds. */
export type TrustedIssuer = {
  issuer: string;
  algorithms: ReadonlySet<string>;
  /** Lower case, without `application/`. */
  types: ReadonlySet<string>;
  audiences: ReadonlySet<string>;
  maxLifetime: number;
  leeway: number;
  keys: IssuerKeys;
};

/** Everything that a decision depends on besides the caller and the request. */
export type Environment = {
  /** The `iss` of our own tokens. */
  issuer: string;
  /** Clock leeway for `iat` of our own tokens, in seconds. */
  leeway: number;
  /** The greatest lifetime of any of our own access tokens, in seconds. */
  accessMaxLifetime: number;
  clients: ReadonlyMap<string, ClientPolicy>;
  issuers: ReadonlyMap<string, TrustedIssuer>;
  keys: DerivedKeys;
  keyring: Keyring;
  macKeys: MacKeys;
  store: Store;
  signals: SignalSink;
  trace: Trace;
};

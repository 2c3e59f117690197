import type { IssuerKeys, Keyring, MacKeys, SignalSink, Store, Trace } from "./ports.ts";
import type { Call } from "./call.ts";
import type { DerivedKeys } from "./derived-keys.ts";
import type { Gate } from "./gate.ts";
import type { RefusedTokens } from "./refused-tokens.ts";
import type { ClaimNames } from "./token/claim-names.ts";

export type TokenFormat = "jwt" | "opaque";
export type Grant = "mint" | "refresh" | "exchange";

/** What one client may get. Lifetimes in whole seconds. */
export type ClientPolicy = {
  clientId: string;
  /** It has no secret of its own: what is bound to its key stays bound to that key (RFC 9449 section 5). */
  isPublic: boolean;
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
  /** Whether a token may say no type at all. */
  allowMissingType: boolean;
  audiences: ReadonlySet<string>;
  maxLifetime: number;
  leeway: number;
  /** Without which its tokens are inactive, by our names. */
  requiredClaims: readonly string[];
  /** What it calls our claims. */
  claimNames: ClaimNames;
  keys: IssuerKeys;
};

/** How DPoP proofs are judged (RFC 9449). */
export type DpopRules = {
  /** How old a proof may be, in seconds. */
  maxAge: number;
  requireNonce: boolean;
};

/** Everything that a decision depends on besides the caller and the request. */
export type Environment = {
  /** The call that is answered. Absent: the work is nobody's own, as when the token of a caller is verified for all its calls. */
  call?: Call;
  /** The `iss` of our own tokens. */
  issuer: string;
  /** Clock leeway for `iat` of our own tokens, in seconds. */
  leeway: number;
  /** The greatest lifetime of any of our own access tokens, in seconds. */
  accessMaxLifetime: number;
  dpop: DpopRules;
  clients: ReadonlyMap<string, ClientPolicy>;
  issuers: ReadonlyMap<string, TrustedIssuer>;
  keys: DerivedKeys;
  keyring: Keyring;
  macKeys: MacKeys;
  store: Store;
  refusedTokens: RefusedTokens;
  /** Every check of a JWT's signature goes through it. */
  signatureChecks: Gate;
  signals: SignalSink;
  trace: Trace;
};

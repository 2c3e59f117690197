import type { Call } from "./call.ts";
import type { DerivedKeys, SharedKeys } from "./derived-keys.ts";
import type { Gate } from "./gate.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import type {
  AuditSink,
  CountRotations,
  IssuerKeys,
  Keyring,
  MacKeys,
  SecurityEvents,
  SignalSink,
  Store,
  Trace,
  VerificationKeys,
} from "./ports.ts";
import type { Recognised } from "./recognised.ts";
import type { RefusedTokens } from "./refused-tokens.ts";
import type { RememberedTokens } from "./remembered/remembered-tokens.ts";
import type { Revocations, RevocationView } from "./revocations/revocations.ts";
import type { ActionRules, TakeAction } from "./signals/actions.ts";
import type { Detectors } from "./signals/detectors.ts";
import type { SignalFeed } from "./signals/signal-feed.ts";
import type { SharedWork } from "./shared-work.ts";
import type { Annotate } from "./token-facts.ts";
import type { ClaimNames } from "./token/claim-names.ts";
import type { OwnToken } from "./token/verified-token.ts";

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

/** Everything that an introspection depends on besides the caller and the request: what authorities and verifiers have alike. */
export type Environment = {
  /** The call that is answered. Absent: the work is nobody's own, as when the token of a caller is verified for all its calls. */
  call?: Call;
  /** The `iss` of our own tokens. */
  issuer: string;
  /** Clock leeway for `iat` of our own tokens, in seconds. */
  leeway: number;
  /** The greatest lifetime of any of our own access tokens, in seconds. */
  accessMaxLifetime: number;
  /** Fingerprints change whenever so many seconds have passed; 0: never. */
  fingerprintPeriod: number;
  dpop: DpopRules;
  issuers: ReadonlyMap<string, TrustedIssuer>;
  keys: SharedKeys;
  keyring: VerificationKeys;
  store: Pick<Store, "clock" | "networks" | "replays">;
  revocations: RevocationView;
  recogniseOwn: RecogniseOwn;
  refusedTokens: RefusedTokens;
  rememberedTokens: RememberedTokens;
  /** What a front door answers about an active token, whoever asks and whenever. */
  describe(token: Recognised): Uint8Array;
  /** Tokens that are being seen for the first time, by their digest. */
  firstSights: SharedWork<Recognised | InactiveReason>;
  /** Every check of a JWT's signature goes through it. */
  signatureChecks: Gate;
  signals: SignalSink;
  /** Whether signals and audit events arrive where they must; always true where nothing says that they must. */
  isTrailKept: () => boolean;
  /** What the sink was told, for whoever watches. */
  signalFeed: SignalFeed;
  detectors: Detectors;
  actions: ActionRules;
  takeAction: TakeAction;
  trace: Trace;
  annotate: Annotate;
};

/** What issuing and revoking need besides: an instance that reaches the store and holds keys. */
export type Authority = Environment & {
  clients: ReadonlyMap<string, ClientPolicy>;
  keys: DerivedKeys;
  keyring: Keyring;
  macKeys: MacKeys;
  store: Store;
  revocations: Revocations;
  countRotation: CountRotations;
  audit: AuditSink;
  securityEvents: SecurityEvents;
};

/** What a verifier needs besides: an authority that does what it cannot do itself. */
export type Verifier = Environment & {
  upstream: Forwarding;
  /**
   * Resolves when all that this instance answers from has reached the revision.
   * @throws AssayError `store_unavailable`, `invalid_request` for what is no revision
   */
  reachEverywhere(revision: string): Promise<void>;
};

/** Passes calls on to an authority. */
export type Forwarding = {
  /**
   * @param request the bytes of the message, which go on as they are
   * @returns the bytes of the answer
   * @throws PassedOn where the authority refused it; AssayError `store_unavailable` (outcome unknown), `keys_unavailable`, `call_gone`
   */
  forward(
    rpc: "Issue" | "Revoke",
    request: Buffer,
    about: { call: Call | undefined; headers: Readonly<Record<string, string>> },
  ): Promise<Buffer>;
};

/**
 * Says whose an opaque or a refresh token is, if it is genuine: an authority from its store, a verifier by asking an authority.
 * @throws AssayError `store_unavailable`, `keys_unavailable`, `call_gone`
 */
export type RecogniseOwn = (
  environment: Pick<Environment, "call" | "issuer" | "accessMaxLifetime">,
  token: string,
) => Promise<OwnToken | InactiveReason>;

/**
 * Every name that leaves this process, and what it says: docs/telemetry.md has its tables from here. No attribute may hold a token, a
 * secret or a personal datum.
 */
export const ATTRIBUTES = {
  rpcSystem: "rpc.system.name",
  rpcMethod: "rpc.method",
  rpcStatus: "rpc.response.status_code",
  errorType: "error.type",
  caller: "assay.caller",
  outcome: "assay.outcome",
  reason: "assay.reason",
  storeKind: "assay.store.kind",
  storeOperation: "assay.store.operation",
  signatureAlgorithm: "alg",
  signalId: "assay.signal.id",
  signalKind: "assay.signal.kind",
  signalSeverity: "assay.signal.severity",
  signalDetail: "assay.signal.detail",
  signalCount: "assay.signal.count",
  signalWindow: "assay.signal.window_ms",
  signalAction: "assay.signal.action",
  clientId: "assay.client_id",
  issuer: "assay.issuer",
  tokenFingerprint: "assay.token.fingerprint",
  familyFingerprint: "assay.family.fingerprint",
  subjectFingerprint: "assay.subject.fingerprint",
  networkFingerprint: "assay.network.fingerprint",
  keyFingerprint: "assay.key.fingerprint",
  auditSequence: "assay.audit.sequence",
  auditOutcome: "assay.audit.outcome",
  auditRefusal: "assay.audit.refusal",
  tokenFormat: "assay.token.format",
  tokenRemembered: "assay.token.remembered",
  staleness: "assay.staleness",
  tokenAudience: "assay.token.audience",
  tokenScope: "assay.token.scope",
  revokedBy: "assay.revocation.selector",
  revocationCause: "assay.revocation.cause",
  revocationDurability: "assay.revocation.durability",
  receiver: "assay.receiver",
} as const;

export type AttributeKey = keyof typeof ATTRIBUTES;

export const ABOUT_ATTRIBUTES: Readonly<Record<AttributeKey, string>> = {
  rpcSystem: "`grpc`",
  rpcMethod: "Service and method, as in the contract",
  rpcStatus: "gRPC's name of the status",
  errorType: "The status, where it is a fault of the server's; else the code or kind of an error, never its message",
  caller: "The configured name of the caller",
  outcome:
    "What a call decided: `active`, why a token is inactive, or the grant; of a fetch of keys, how it ended; of a security event, what became of it",
  reason:
    "The reason of an error answer, as in `proto/assay/v1/error_reason.proto` without its prefix; `CALL_GONE` where nobody waited for the answer",
  storeKind: "`sqlite` or `redis`; in metrics `authority`, too",
  storeOperation: "What was asked of the store, or of an authority: `families.rotate`",
  signatureAlgorithm: "The algorithm of a signature that is verified, one of those allowed",
  signalId: "A UUID: the same signal has the same in the feed, in the log and in a span",
  signalKind: "What was observed: `revoked_token_used`, `refresh_token_reuse` …",
  signalSeverity: "`info`, `warning` or `critical`",
  signalDetail: "More of the kind, in words of ours: `predecessor_reused`, say",
  signalCount: "How often it was seen within the window, or how many different ones",
  signalWindow: "The window in which that was counted, in milliseconds",
  signalAction: "What was begun because of it by itself (`signals.actions`): `revoke_token` or `revoke_family`",
  clientId: "The client, by its configured name",
  issuer: "The `iss` of our own tokens or of a configured foreign issuer",
  tokenFingerprint: "16 hex digits, the same for the same token: a keyed digest of its issuer and `jti`",
  familyFingerprint: "The same of its family (`sid`)",
  subjectFingerprint: "The same of its subject (`sub`)",
  networkFingerprint: "The same of a network that a caller has forwarded an address of",
  keyFingerprint: "The same of a signing key that is revoked",
  auditSequence:
    "The place among all log events of this process (`service.instance.id`), from 1. A gap is an event that did not arrive",
  auditOutcome:
    "`done`; `repeated`: a retry got what was done before; `nothing`: there was nothing to revoke; `refused`: nothing was done; `failed`: it could not be done, or whether it was done is not known",
  auditRefusal: "Why a token that was traded in was not good enough, which its caller is not told",
  tokenFormat: "`jwt` or `opaque`; of what is introspected `refresh`, too",
  tokenRemembered: "Whether it had been verified before (a hit) and was not now (a miss)",
  staleness: "For how many seconds it had not been proved that no revocation is missing, when the token was judged",
  tokenAudience: "The audiences of the access token, all of the client's policy",
  tokenScope: "Its scopes, all of the client's policy",
  revokedBy: "What was named: `token`, `token_id`, `sid`, `subject`, `client_id`, `key_id` or `issuer`",
  revocationCause:
    "`request`, or the kind of the signal that it followed from: `refresh_token_reuse`, `proof_replayed` …",
  revocationDurability: "What the revocation survives: `volatile`, `local` or `replicated`",
  receiver: "The configured name of a receiver of security events",
};

export const METRICS = {
  rpcDuration: "rpc.server.call.duration",
  rpcErrors: "assay.rpc.errors",
  introspections: "assay.introspections",
  rememberedLookups: "assay.remembered_tokens.lookups",
  rememberedTokens: "assay.remembered_tokens.held",
  rememberedMemory: "assay.remembered_tokens.memory",
  rotations: "assay.rotations",
  signals: "assay.signals",
  storeDuration: "assay.store.operation.duration",
  issuerKeyFetches: "assay.issuer_keys.fetches",
  issuerKeyAge: "assay.issuer_keys.age",
  revocations: "assay.revocations.live",
  revocationMemory: "assay.revocations.memory",
  revocationStaleness: "assay.revocations.staleness",
  revocationPropagation: "assay.revocations.propagation",
  securityEvents: "assay.security_events",
  securityEventsWaiting: "assay.security_events.waiting",
  silentWorkers: "assay.workers.silent",
  logEventsLost: "assay.log_events.lost",
} as const;

/** What is named here is described with the attributes that it may carry. */
type Described = Readonly<Record<string, { about: string; attributes: readonly AttributeKey[] }>>;

const RPC_RESULT = ["rpcSystem", "rpcMethod", "rpcStatus", "errorType"] as const;
const FINGERPRINTS = ["tokenFingerprint", "familyFingerprint", "subjectFingerprint"] as const;
const SIGNAL = [
  "signalId",
  "signalKind",
  "signalSeverity",
  "signalDetail",
  "signalCount",
  "signalWindow",
  "signalAction",
  "caller",
  "clientId",
  ...FINGERPRINTS,
  "networkFingerprint",
] as const;
const AUDIT = ["auditSequence", "auditOutcome", "reason", "caller", "clientId"] as const;
const ISSUED = [...AUDIT, "tokenFormat", "tokenAudience", "tokenScope", ...FINGERPRINTS] as const;

/** Names of spans; `*` stands for what is told by the operation. */
export const SPANS: Described = {
  "assay.v1.*": {
    about: "A call, of kind server: a child of the caller's span where it sent a `traceparent`",
    attributes: [
      ...RPC_RESULT,
      "caller",
      "outcome",
      "reason",
      "tokenFormat",
      "issuer",
      "clientId",
      "tokenRemembered",
      "staleness",
      ...FINGERPRINTS,
    ],
  },
  "assay.store.*": { about: "An operation of the store that a call waits for", attributes: ["storeKind", "errorType"] },
  "assay.authority.*": { about: "A question of a verifier to its authority", attributes: ["errorType"] },
  "assay.issuer_keys.find": {
    about: "The look-up of a signer's key, with a fetch where it is new",
    attributes: ["errorType"],
  },
  "assay.verify_signature": {
    about: "The check of a JWT's signature",
    attributes: ["signatureAlgorithm", "errorType"],
  },
  "assay.verify_proof": { about: "The check of a DPoP proof", attributes: ["errorType"] },
};

export const SPAN_EVENTS = {
  "assay.signal": { about: "On the span of its call, where that is sampled", attributes: SIGNAL },
} as const satisfies Described;

/** Log events: one each, whatever is sampled, with the trace and the span of the call that they come from. */
export const LOG_EVENTS = {
  "assay.token.issued": { about: "Issue by mint", attributes: ISSUED },
  "assay.token.refreshed": { about: "Issue by refresh: a rotation", attributes: [...ISSUED, "auditRefusal"] },
  "assay.token.exchanged": { about: "Issue by exchange", attributes: [...ISSUED, "auditRefusal"] },
  "assay.revocation": {
    about: "A revocation: asked for with Revoke, the death of a family, or an action upon a signal",
    attributes: [
      ...AUDIT,
      "revokedBy",
      "revocationCause",
      "revocationDurability",
      "issuer",
      ...FINGERPRINTS,
      "keyFingerprint",
    ],
  },
  "assay.signal": { about: "An observation that a token may be misused", attributes: ["auditSequence", ...SIGNAL] },
} as const satisfies Described;

export type LogEventName = keyof typeof LOG_EVENTS;

/** The name under which spans, metrics and log events are made. */
export const SCOPE = "assay";

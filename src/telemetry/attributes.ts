/** Every attribute and metric name that leaves this process. None may hold a token, a secret or a personal datum. */
export const ATTRIBUTES = {
  /** Stable RPC conventions of OpenTelemetry. */
  rpcSystem: "rpc.system.name",
  rpcMethod: "rpc.method",
  rpcStatus: "rpc.response.status_code",
  errorType: "error.type",
  /** The configured name of the caller. */
  caller: "assay.caller",
  /** What an RPC decided: `active`, why a token is inactive, or which grant was issued. */
  outcome: "assay.outcome",
  /** The reason of an error answer, as in error_reason.proto. */
  reason: "assay.reason",
  /** `sqlite` or `redis`; in metrics `authority`, too. */
  storeKind: "assay.store.kind",
  /** What was asked of the store, or of an authority: `families.rotate`. */
  storeOperation: "assay.store.operation",
  signalKind: "assay.signal.kind",
  signalSeverity: "assay.signal.severity",
  signalDetail: "assay.signal.detail",
  clientId: "assay.client_id",
  /** The configured `iss` of a foreign issuer. */
  issuer: "assay.issuer",
  /** Keyed digests: one token or family can be followed without being known. */
  tokenFingerprint: "assay.token.fingerprint",
  familyFingerprint: "assay.family.fingerprint",
} as const;

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
  silentWorkers: "assay.workers.silent",
} as const;

/** The name under which spans and metrics are made. */
export const SCOPE = "assay";

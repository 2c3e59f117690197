/** Whether signals and audit events arrive where they must. */
export type TrailHealth = {
  isKept: () => boolean;
  /** A sentence while they do not. */
  problem: () => string | undefined;
};

/** Where nothing says that they must. */
export const notRequired: TrailHealth = { isKept: () => true, problem: () => undefined };

/**
 * @param overdueMs for how long the receiver has taken nothing while something waited for it
 * @param greatestMs what of that is borne
 */
export function requiredTrail(overdueMs: () => number, greatestMs: number): TrailHealth {
  const isKept = (): boolean => overdueMs() <= greatestMs;
  return {
    isKept,
    problem: () =>
      isKept()
        ? undefined
        : "Signals and audit events have not reached their receiver for longer than telemetry.max_audit_outage: Issue, Revoke and Introspect are refused until they do. Mend the receiver of telemetry.otlp_endpoint, or the way to it.",
  };
}

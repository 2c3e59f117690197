import type { Config } from "../config/schema.ts";
import type { Environment, Verifier } from "../core/environment.ts";
import { unannotated } from "../core/annotate.ts";
import { gate } from "../core/gate.ts";
import { annotateSpan } from "../telemetry/annotate-span.ts";
import { auditTrail } from "../telemetry/audit-trail.ts";
import { followView } from "../telemetry/revocation-metrics.ts";
import { signalSink } from "../telemetry/signal-sink.ts";
import { timedTrace } from "../telemetry/timed-trace.ts";
import { spanTrace, untraced } from "../telemetry/trace.ts";
import { forwardIssue, forwardRevoke } from "../transport/grpc/forward.ts";
import { describeToken } from "../transport/grpc/introspect.ts";
import { revokeUpstream } from "../transport/grpc/revoke-upstream.ts";
import { tokenService } from "../transport/grpc/service.ts";
import { signalToMessage } from "../transport/grpc/signal-message.ts";
import { openDetection } from "./detection.ts";
import { exchangeSignals } from "./exchange-signals.ts";
import type { FollowedUpstream } from "./follow-upstream.ts";
import { type OpenedRole, type RoleOptions, SIGNATURE_CHECKS } from "./opened-role.ts";
import { openActions } from "./take-action.ts";
import { type Memory, newMemory, policyOf } from "./policy.ts";

/** An instance that follows an authority: it opens no store, and holds no key that makes a token. @throws StartError */
export async function openVerifier(
  { config, log, opened, isTraced, trail, openIssuerKeys, siblings }: RoleOptions,
  { upstream, revocations, keyring, traceWith }: FollowedUpstream,
): Promise<OpenedRole<Verifier>> {
  const trace = isTraced ? spanTrace() : untraced;
  traceWith(isTraced ? timedTrace(trace, "authority") : trace);
  if (isTraced) followView(revocations, upstream.clock);
  // So that it is ready when it says where it listens; it starts without an authority all the same.
  if (keyring.problem() === undefined) await revocations.settle()?.catch(() => undefined);
  const feed = exchangeSignals({
    siblings,
    report: (signals) => upstream.reportSignals(signals.map(signalToMessage)),
    log,
    opened,
  });
  const actions = openActions(log);
  const detection = openDetection(config, { keys: upstream.keys, store: upstream });
  const parts = {
    keys: upstream.keys,
    keyring,
    store: upstream,
    revocations,
    reachEverywhere: async (revision: string) => {
      await revocations.settle(revision);
      await siblings?.reach(revision);
    },
    recogniseOwn: upstream.recogniseOwn,
    upstream: upstream.forwarding,
    describe: describeToken,
    signatureChecks: gate(SIGNATURE_CHECKS),
    signals: signalSink(log, auditTrail(), feed.tell),
    signalFeed: feed,
    isTrailKept: trail.isKept,
    trace,
    annotate: isTraced ? annotateSpan : unannotated,
    detectors: detection.detectors,
  };
  return {
    environmentBy: (by) => {
      const takeAction = actions.takenBy((act) => revokeUpstream(verifier, act));
      const verifier: Verifier = { ...policyOf(by, openIssuerKeys), ...parts, takeAction };
      const environment = withTerms(verifier, by, upstream.joined);
      detection.tellBy(environment);
      return environment;
    },
    services: (context) => [tokenService(context, { issue: forwardIssue, revoke: forwardRevoke })],
    revocations,
    parts: [upstream, revocations, keyring, trail],
    drain: actions.drain,
  };
}

type Terms = Pick<Environment, "leeway" | "accessMaxLifetime">;
type ToldTerms = Terms & Pick<Environment, "fingerprintPeriod">;

/**
 * How our own tokens are judged is for the authorities to say. Each call is judged as they say when it begins, and what was remembered
 * under other terms goes with these.
 */
function withTerms<Role extends ToldTerms & Memory>(
  environment: Role,
  config: Config,
  joined: () => ToldTerms | undefined,
): Role {
  let terms: Terms = environment;
  let memory: Memory = environment;
  const look = (): void => {
    const { leeway, accessMaxLifetime } = joined() ?? terms;
    if (leeway === terms.leeway && accessMaxLifetime === terms.accessMaxLifetime) return;
    terms = { leeway, accessMaxLifetime };
    memory = newMemory(config);
  };
  return {
    ...environment,
    get leeway() {
      look();
      return terms.leeway;
    },
    get accessMaxLifetime() {
      look();
      return terms.accessMaxLifetime;
    },
    get fingerprintPeriod() {
      return joined()?.fingerprintPeriod ?? environment.fingerprintPeriod;
    },
    get firstSights() {
      look();
      return memory.firstSights;
    },
    get refusedTokens() {
      look();
      return memory.refusedTokens;
    },
    get rememberedTokens() {
      look();
      return memory.rememberedTokens;
    },
  };
}

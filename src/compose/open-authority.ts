import type { Authority } from "../core/environment.ts";
import { unannotated } from "../core/annotate.ts";
import { gate } from "../core/gate.ts";
import { recogniseFrom } from "../core/recognise-own.ts";
import { revokeSuspect } from "../core/signals/revoke-suspect.ts";
import { openRevocations } from "../core/revocations/revocations.ts";
import { openKeyring } from "../keys/open-keyring.ts";
import { auditSink, unaudited } from "../telemetry/audit-sink.ts";
import { annotateSpan } from "../telemetry/annotate-span.ts";
import { auditTrail } from "../telemetry/audit-trail.ts";
import { followView } from "../telemetry/revocation-metrics.ts";
import { rotationCounter, uncountedRotations } from "../telemetry/rotation-counter.ts";
import { signalSink } from "../telemetry/signal-sink.ts";
import { timedTrace } from "../telemetry/timed-trace.ts";
import { spanTrace, untraced } from "../telemetry/trace.ts";
import { tracedStore } from "../telemetry/traced-store.ts";
import { authorityService } from "../transport/grpc/authority-service.ts";
import { describeToken } from "../transport/grpc/introspect.ts";
import { issue } from "../transport/grpc/issue.ts";
import { revoke } from "../transport/grpc/revoke.ts";
import { tokenService } from "../transport/grpc/service.ts";
import { watch } from "../transport/grpc/watch.ts";
import { clientPolicies } from "./client-policies.ts";
import { openDetection } from "./detection.ts";
import { exchangeSignals } from "./exchange-signals.ts";
import { greatestLifetimeMs } from "./greatest-lifetime.ts";
import { keyringPolicy, masterKeySource } from "./keyring-options.ts";
import { openStore, storeKind } from "./open-store.ts";
import { type OpenedRole, type RoleOptions, SIGNATURE_CHECKS } from "./opened-role.ts";
import { policyOf } from "./policy.ts";
import { securityEvents, tellingReceivers } from "./security-events.ts";
import { knownEverywhere } from "./siblings.ts";
import { openActions } from "./take-action.ts";
import { keepPurged, keepSwept } from "./upkeep.ts";

/** An instance that reaches the store and holds keys. @throws StartError when the store or the keys do not allow it */
export async function openAuthority(options: RoleOptions): Promise<OpenedRole<Authority>> {
  const { config, log, opened, isTraced, trail: health, openIssuerKeys, siblings } = options;
  const trace = isTraced ? spanTrace() : untraced;
  const untracedStore = await openStore(config, { greatestLifetimeMs: greatestLifetimeMs(config), log });
  opened.defer(() => untracedStore.close());
  const kind = storeKind(config);
  const store = isTraced ? tracedStore(untracedStore, kind, timedTrace(trace, kind)) : untracedStore;
  const revocations = openRevocations({
    store: store.revocations,
    maxStalenessMs: config.revocations.max_staleness,
    capacity: config.revocations.capacity,
  });
  opened.defer(() => revocations.close());
  if (isTraced) followView(revocations, store.clock);
  const sweeping = keepSwept(revocations, store.clock);
  opened.defer(() => sweeping.stop());
  const keyring = await openKeyring({
    store,
    revocations,
    issuer: config.issuer,
    master: masterKeySource(config),
    policy: keyringPolicy(config),
    log,
  });
  opened.defer(() => keyring.close());
  const purging = keepPurged(store, log);
  opened.defer(() => purging.stop());
  const trail = auditTrail();
  const known = { keys: keyring.derived, keyring: keyring.keyring, revocations };
  const events = await securityEvents(config, known, log);
  const feed = tellingReceivers(exchangeSignals({ siblings, store: store.signals, log, opened }), events);
  const actions = openActions(log);
  const detection = openDetection(config, { keys: keyring.derived, store });
  const parts = {
    ...known,
    macKeys: keyring.macKeys,
    store,
    revocations: siblings === undefined ? revocations : knownEverywhere(revocations, siblings),
    recogniseOwn: recogniseFrom({ store, keys: keyring.derived, macKeys: keyring.macKeys }),
    describe: describeToken,
    signatureChecks: gate(SIGNATURE_CHECKS),
    signals: signalSink(log, trail, feed.tell),
    signalFeed: feed,
    securityEvents: events,
    isTrailKept: health.isKept,
    audit: isTraced || config.log.audit ? auditSink(trail, config.log.audit ? log : undefined) : unaudited,
    trace,
    annotate: isTraced ? annotateSpan : unannotated,
    countRotation: isTraced ? rotationCounter() : uncountedRotations,
    detectors: detection.detectors,
  };
  return {
    environmentBy: (by) => {
      const takeAction = actions.takenBy((act) => revokeSuspect(authority, act));
      const authority: Authority = {
        ...policyOf(by, openIssuerKeys),
        clients: clientPolicies(by),
        ...parts,
        takeAction,
      };
      detection.tellBy(authority);
      return authority;
    },
    services: (context) => [tokenService(context, { issue, revoke, watch }), authorityService(context)],
    revocations,
    parts: [store, revocations, keyring, health],
    drain: async (withinMs, hurry) => {
      const end = performance.now() + withinMs;
      await actions.drain(withinMs, hurry);
      // Receivers are told what was revoked, too.
      await events.close(end - performance.now(), hurry);
    },
  };
}

/** An authority in this process, put together as the product's composition does it, with a place for a mutant at each port. */
import { join } from "node:path";
import { clientPolicies } from "../../../src/compose/client-policies.ts";
import { greatestLifetimeMs } from "../../../src/compose/greatest-lifetime.ts";
import { issuerKeyPool } from "../../../src/compose/issuer-key-pool.ts";
import { keyringPolicy, masterKeySource } from "../../../src/compose/keyring-options.ts";
import { openStore, redisStoreOptions } from "../../../src/compose/open-store.ts";
import { SIGNATURE_CHECKS } from "../../../src/compose/opened-role.ts";
import { policyOf } from "../../../src/compose/policy.ts";
import { connectionLimits, servedBy } from "../../../src/compose/served.ts";
import { parseListenAddress } from "../../../src/config/listen-address.ts";
import { type Config, type ConfigInput, configSchema } from "../../../src/config/schema.ts";
import type { Authority } from "../../../src/core/environment.ts";
import { gate } from "../../../src/core/gate.ts";
import type { Store } from "../../../src/core/ports.ts";
import { recogniseFrom } from "../../../src/core/recognise-own.ts";
import { openDetectors } from "../../../src/core/signals/detectors.ts";
import { DEFAULT_RULES } from "../../../src/core/signals/rules.ts";
import { unannotated } from "../../../src/core/annotate.ts";
import { signalFeed } from "../../../src/core/signals/signal-feed.ts";
import { openRevocations } from "../../../src/core/revocations/revocations.ts";
import { openKeyring } from "../../../src/keys/open-keyring.ts";
import { createConnections, type RedisConnections } from "../../../src/store/redis/connections.ts";
import { openRedisStore } from "../../../src/store/redis/open-redis-store.ts";
import { issuerKeyMetrics } from "../../../src/telemetry/issuer-key-metrics.ts";
import { openLog } from "../../../src/telemetry/log.ts";
import { uncounted } from "../../../src/telemetry/introspection-counter.ts";
import { unobserved } from "../../../src/telemetry/rpc-spans.ts";
import { unaudited } from "../../../src/telemetry/audit-sink.ts";
import { auditTrail } from "../../../src/telemetry/audit-trail.ts";
import { signalSink } from "../../../src/telemetry/signal-sink.ts";
import { uncountedRotations } from "../../../src/telemetry/rotation-counter.ts";
import { untraced } from "../../../src/telemetry/trace.ts";
import { openFrontDoor } from "../../../src/transport/grpc/front-door.ts";
import { describeToken } from "../../../src/transport/grpc/introspect.ts";
import { issue } from "../../../src/transport/grpc/issue.ts";
import { revoke } from "../../../src/transport/grpc/revoke.ts";
import { tokenService } from "../../../src/transport/grpc/service.ts";
import { watch } from "../../../src/transport/grpc/watch.ts";
import { openClient } from "../../support/client.ts";
import { recordFilesIn } from "../../support/leaks/record-files.ts";
import { recordEmitted } from "../../support/leaks/record.ts";
import type { Callable } from "../recorded-calls.ts";
import { workingDirectory } from "../working-directory.ts";

type Log = Awaited<ReturnType<typeof openLog>>;

/** What is wrong with an instance. */
export type Mutant = {
  /** Of a Redis. */
  connections?: (connections: RedisConnections) => RedisConnections;
  store?: (store: Store) => Store;
  environment?: (environment: Authority) => Authority;
};

/** It and all that is its own end with the stack. */
export async function composeInstance(
  name: string,
  input: ConfigInput,
  mutant: Mutant,
  opened: AsyncDisposableStack,
): Promise<Callable> {
  const directory = await workingDirectory(opened);
  const keys = { dir: join(directory, "keys"), ...input.keys };
  const config = configSchema.parse({ ...input, listen: { address: "127.0.0.1:0" }, keys });
  const log = await openLog(config.log, { write: (line) => recordEmitted("log", line) });
  const address = await serveComposed(config, mutant, log, opened);
  recordFilesIn(directory);
  const client = openClient(address);
  opened.defer(async () => client.close());
  return { name, client: () => client };
}

/** All that is opened ends with the stack. @returns where it listens */
export async function serveComposed(
  config: Config,
  mutant: Mutant,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<string> {
  const { store: mutateStore = same, environment: mutate = same } = mutant;
  const whole = await storeOf(config, mutant, log);
  opened.defer(() => whole.close());
  const store = mutateStore(whole);
  const revocations = openRevocations({
    store: store.revocations,
    maxStalenessMs: config.revocations.max_staleness,
    capacity: config.revocations.capacity,
  });
  opened.defer(() => revocations.close());
  const keyring = await openKeyring({
    store,
    revocations,
    log,
    issuer: config.issuer,
    master: masterKeySource(config),
    policy: keyringPolicy(config),
  });
  opened.defer(() => keyring.close());

  const issuerKeys = issuerKeyPool(log, issuerKeyMetrics());
  const feed = signalFeed();
  const environment = mutate({
    ...policyOf(config, issuerKeys.open),
    clients: clientPolicies(config),
    store,
    revocations,
    keys: keyring.derived,
    keyring: keyring.keyring,
    macKeys: keyring.macKeys,
    recogniseOwn: recogniseFrom({ store, keys: keyring.derived, macKeys: keyring.macKeys }),
    describe: describeToken,
    signatureChecks: gate(SIGNATURE_CHECKS),
    signals: signalSink(log, auditTrail(), feed.tell),
    signalFeed: feed,
    detectors: openDetectors({ rules: DEFAULT_RULES, keys: keyring.derived }),
    takeAction: () => undefined,
    isTrailKept: () => true,
    audit: unaudited,
    securityEvents: { tell: () => undefined },
    trace: untraced,
    annotate: unannotated,
    countRotation: uncountedRotations,
  });
  return serve(config, environment, servedBy(config, environment, issuerKeys.open), log, opened);
}

function storeOf(config: Config, { connections: mutate }: Mutant, log: Log): Promise<Store> {
  const options = { greatestLifetimeMs: greatestLifetimeMs(config), log };
  if (mutate === undefined) return openStore(config, options);
  const settings = redisStoreOptions(config, options);
  return openRedisStore({ ...settings, connections: mutate(createConnections(settings)) });
}

async function serve(
  config: Config,
  environment: Authority,
  served: ReturnType<typeof servedBy<Authority>>,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<string> {
  const address = parseListenAddress(config.listen.address);
  if (address === undefined) throw new Error("the address is one");
  const door = await openFrontDoor<Authority>({
    address,
    tls: undefined,
    reflection: false,
    maxMessageBytes: config.listen.max_message_bytes,
    connections: connectionLimits(config),
    served: { ...served, environment },
    services: (context) => [tokenService(context, { issue, revoke, watch })],
    observe: unobserved,
    countIntrospections: uncounted,
    log,
  });
  opened.defer(() => door.close(0, AbortSignal.abort()));
  door.setServing(true);
  return door.address;
}

function same<Part>(part: Part): Part {
  return part;
}

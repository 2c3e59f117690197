import { isDeepStrictEqual } from "node:util";
import type { Config } from "../config/schema.ts";

/** What a process begins with and keeps: everything else is taken over while it runs. */
const FIXED: readonly string[] = [
  "development",
  "workers",
  "role",
  "upstream",
  "issuer",
  "listen.address",
  "listen.reflection",
  "listen.max_message_bytes",
  "listen.shutdown_grace",
  "store",
  "revocations",
  "keys",
  "events",
  "limits.connections",
  "limits.connection_age",
  "limits.connection_age_grace",
  "limits.connection_idle",
  "limits.keepalive_interval",
  "limits.keepalive_timeout",
  "limits.handshake_timeout",
  "limits.concurrent_streams",
  "limits.header_bytes",
  "signals.detectors",
  "telemetry",
  "admin",
  "log",
];

/** The settings that differ and cannot change while running, as one writes them. */
export function fixedChanges(running: Config, changed: Config): string[] {
  const names = FIXED.filter((name) => !isDeepStrictEqual(valueAt(running, name), valueAt(changed, name)));
  return isDeepStrictEqual(tlsKind(running), tlsKind(changed)) ? names : [...names, "listen.tls"];
}

/** The changed configuration, where it may change. */
export function withFixed(running: Config, changed: Config): Config {
  const { listen, limits } = running;
  const isSameTls = isDeepStrictEqual(tlsKind(running), tlsKind(changed));
  return {
    ...changed,
    development: running.development,
    workers: running.workers,
    role: running.role,
    upstream: running.upstream,
    issuer: running.issuer,
    store: running.store,
    revocations: running.revocations,
    keys: running.keys,
    signals: { ...changed.signals, detectors: running.signals.detectors },
    events: running.events,
    telemetry: running.telemetry,
    admin: running.admin,
    log: running.log,
    listen: {
      ...listen,
      tls: isSameTls ? changed.listen.tls : listen.tls,
      caller_audience: changed.listen.caller_audience,
    },
    limits: {
      ...limits,
      calls_in_flight: changed.limits.calls_in_flight,
      streams: changed.limits.streams,
      streams_per_caller: changed.limits.streams_per_caller,
      calls_per_second: changed.limits.calls_per_second,
      burst: changed.limits.burst,
      remembered_bytes: changed.limits.remembered_bytes,
    },
  };
}

/** Certificates change; whether there are any, and who must show one, does not. */
function tlsKind({ listen: { tls } }: Config): unknown {
  if (tls === undefined) return undefined;
  return { asksForOne: tls.client_ca !== undefined, requires: tls.require_client_certificate };
}

function valueAt(config: Config, name: string): unknown {
  return name.split(".").reduce<unknown>((value, key) => Reflect.get(Object(value), key), config);
}

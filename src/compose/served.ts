import type { CallerConfig, Config } from "../config/schema.ts";
import type { Environment } from "../core/environment.ts";
import { gate } from "../core/gate.ts";
import { refusedTokens } from "../core/refused-tokens.ts";
import { rememberedTokens } from "../core/remembered/remembered-tokens.ts";
import { sharedWork } from "../core/shared-work.ts";
import { verifyCallerToken } from "../core/verify-caller-token.ts";
import type { CallLimits, CallRate } from "../transport/grpc/call-limits.ts";
import type { Served } from "../transport/grpc/front-door.ts";
import type { ConnectionLimits } from "../transport/grpc/http2-limits.ts";
import type { OpenKeys } from "./issuer-key-pool.ts";
import { developmentCaller, knownCallers } from "./known-callers.ts";
import { callerIssuers } from "./trusted-issuers.ts";

/** Apart from those of introspected tokens: whoever presents bad credentials holds up nobody but others who present any. */
const CALLER_SIGNATURE_CHECKS = { atOnce: 8, waiting: 256 };
/** Who fills it makes others' tokens be verified again, and nothing worse. */
const REMEMBERED_CALLER_BYTES = 8_388_608;

/** @throws StartError when the keys of an issuer cannot be had as configured */
export function servedBy<Role extends Environment>(
  config: Config,
  environment: Role,
  openKeys: OpenKeys,
): Served<Role> {
  const forCallers: Environment = {
    ...environment,
    issuers: callerIssuers(config, openKeys),
    firstSights: sharedWork(),
    refusedTokens: refusedTokens(),
    rememberedTokens: rememberedTokens(REMEMBERED_CALLER_BYTES),
    signatureChecks: gate(CALLER_SIGNATURE_CHECKS),
  };
  return {
    environment,
    callers: knownCallers(config),
    development: developmentCaller(config),
    ...(forCallers.issuers.size === 0
      ? {}
      : { verifyCallerToken: (token, callerNamed) => verifyCallerToken(forCallers, token, callerNamed) }),
    limits: callLimits(config),
  };
}

export function connectionLimits({ limits }: Config): ConnectionLimits {
  return {
    connections: limits.connections,
    age: limits.connection_age,
    ageGrace: limits.connection_age_grace,
    idle: limits.connection_idle,
    keepaliveInterval: limits.keepalive_interval,
    keepaliveTimeout: limits.keepalive_timeout,
    handshakeTimeout: limits.handshake_timeout,
    concurrentStreams: limits.concurrent_streams,
    headerBytes: limits.header_bytes,
  };
}

function callLimits({ limits, callers }: Config): CallLimits {
  const own = callers.filter((caller) => caller.calls_per_second !== undefined || caller.burst !== undefined);
  return {
    callsInFlight: limits.calls_in_flight,
    streams: { inAll: limits.streams, ofCaller: limits.streams_per_caller },
    rate: rateOf(limits, limits),
    rates: new Map(own.map((caller) => [caller.name, rateOf(caller, limits)])),
  };
}

/** A burst that is not said lets a second's worth through. */
function rateOf(
  { calls_per_second: own, burst }: Pick<CallerConfig, "calls_per_second" | "burst">,
  limits: Config["limits"],
): CallRate {
  const callsPerSecond = own ?? limits.calls_per_second;
  const usual = own === undefined ? limits.burst : undefined;
  return { callsPerSecond, burst: burst ?? usual ?? Math.max(1, Math.ceil(callsPerSecond)) };
}

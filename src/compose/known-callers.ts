import { developmentAudiences } from "../config/development.ts";
import type { CallerConfig, Config } from "../config/schema.ts";
import { type Caller, PERMISSIONS } from "../core/caller.ts";
import type { KnownCaller } from "../transport/grpc/authenticate.ts";

export function knownCallers({ callers }: Config): KnownCaller[] {
  return callers.map((config) => ({
    caller: callerOf(config),
    certificateNames: config.certificate_san,
    secretDigests: config.secret_sha256.map((digest) => Buffer.from(digest, "hex")),
    ...(config.jwt === undefined ? {} : { token: { iss: config.jwt.issuer, sub: config.jwt.subject } }),
    isUnixSocket: config.unix_socket,
  }));
}

/** Whoever comes from this machine without credentials; undefined but in development. */
export function developmentCaller(config: Config): Caller | undefined {
  if (!config.development) return undefined;
  return {
    name: "development",
    permissions: new Set(PERMISSIONS),
    audiences: developmentAudiences(config),
    clients: "all",
  };
}

function callerOf(config: CallerConfig): Caller {
  return {
    name: config.name,
    permissions: new Set(config.permissions),
    audiences: new Set(config.audiences),
    clients: config.clients.includes("*") ? "all" : new Set(config.clients),
  };
}

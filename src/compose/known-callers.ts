import { developmentAudiences } from "../config/development.ts";
import type { CallerConfig, Config } from "../config/schema.ts";
import { bindCaller } from "../core/bind-caller.ts";
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
  return bindCaller({
    name: "development",
    audiences: developmentAudiences(config),
    clients: "all",
    permissions: PERMISSIONS.map((permission) => [permission, {}]),
  });
}

function callerOf(config: CallerConfig): Caller {
  const { name, audiences, clients, permissions } = config;
  return bindCaller({
    name,
    audiences: new Set(audiences),
    clients: clients.includes("*") ? "all" : new Set(clients),
    serveStaleForMs: config.serve_stale_for,
    cacheableForMs: config.cacheable_for,
    isContextTrusted: config.context_trusted,
    permissions: permissions.map((entry) => [
      entry.permission,
      {
        ...(entry.audiences === undefined ? {} : { audiences: new Set(entry.audiences) }),
        ...(entry.clients === undefined ? {} : { clients: new Set(entry.clients) }),
      },
    ]),
  });
}

import type { Caller, Limit, Permission, Reach } from "./caller.ts";

/** What the configuration says of a caller. */
export type CallerTerms = {
  name: string;
  /** Its own identifiers as a resource server. */
  audiences: ReadonlySet<string>;
  /** The clients it may issue and revoke for. */
  clients: Limit;
  /** Its permissions, each with what narrows it further. */
  permissions: Iterable<readonly [Permission, Partial<Reach>]>;
  /** Milliseconds; 0 when absent. */
  serveStaleForMs?: number;
  /** Milliseconds; 0 when absent. */
  cacheableForMs?: number;
  /** False when absent. */
  isContextTrusted?: boolean;
};

/** Which of the caller's own lists limit a permission that is not narrowed itself. */
const LIMITED_BY: Readonly<Record<Permission, { audiences: boolean; clients: boolean }>> = {
  introspect: { audiences: true, clients: false },
  issue: { audiences: false, clients: true },
  revoke: { audiences: false, clients: true },
  watch: { audiences: false, clients: false },
  diagnose: { audiences: false, clients: false },
  admin: { audiences: false, clients: true },
};

/** Settles what a caller may, for as long as it is one. Whatever narrows a permission never widens it. */
export function bindCaller(terms: CallerTerms): Caller {
  const {
    name,
    audiences,
    clients,
    permissions,
    serveStaleForMs = 0,
    cacheableForMs = 0,
    isContextTrusted = false,
  } = terms;
  const reaches = [...permissions].map(([permission, narrower]) => {
    const own = LIMITED_BY[permission];
    const reach: Reach = {
      audiences: narrowed(audiences, narrower.audiences, own.audiences),
      clients: narrowed(clients, narrower.clients, own.clients),
    };
    return [permission, Object.freeze(reach)] as const;
  });
  return Object.freeze({
    name,
    permissions: Object.freeze(Object.fromEntries(reaches)),
    serveStaleForMs,
    cacheableForMs,
    isContextTrusted,
  });
}

function narrowed(own: Limit, narrower: Limit = "all", isLimited: boolean): Limit {
  if (narrower === "all") return isLimited ? own : "all";
  return own === "all" ? narrower : narrower.intersection(own);
}

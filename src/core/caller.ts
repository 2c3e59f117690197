import { AssayError } from "./error.ts";

export const PERMISSIONS = ["introspect", "issue", "revoke", "watch", "diagnose", "admin"] as const;

export type Permission = (typeof PERMISSIONS)[number];

export type Limit = "all" | ReadonlySet<string>;

/** The audiences and clients that a permission is good for. */
export type Reach = { readonly audiences: Limit; readonly clients: Limit };

/** A service that calls Assay, recognised and immutable: made by `bindCaller`, once. */
export type Caller = {
  readonly name: string;
  /** Each permission it has, with its own reach. */
  readonly permissions: Readonly<Partial<Record<Permission, Reach>>>;
  /** How long after the last proof of freshness JWTs are still judged for it while there is no newer one. 0: not at all. */
  readonly serveStaleForMs: number;
  /** For how long it may keep an answer. 0: not at all. */
  readonly cacheableForMs: number;
  /** Whether tokens may be revoked by itself for what it forwards of its clients: see `actions.ts`. */
  readonly isContextTrusted: boolean;
};

/** @returns how far the permission reaches. @throws AssayError `permission_missing` */
export function requirePermission(caller: Caller, permission: Permission): Reach {
  const reach = caller.permissions[permission];
  if (reach !== undefined) return reach;
  throw new AssayError(
    "permission_missing",
    `the caller '${caller.name}' lacks the permission '${permission}': add it to the caller's permissions in the configuration`,
    { metadata: { permission } },
  );
}

export function allows(limit: Limit, name: string): boolean {
  return limit === "all" || limit.has(name);
}

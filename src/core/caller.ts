import { AssayError } from "./error.ts";

export const PERMISSIONS = ["introspect", "issue", "revoke", "watch", "diagnose", "admin"] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** A service that calls Assay, recognised and immutable. */
export type Caller = {
  readonly name: string;
  readonly permissions: ReadonlySet<Permission>;
  /** Its own identifiers as a resource server. */
  readonly audiences: ReadonlySet<string>;
  /** The clients it may issue and revoke for. */
  readonly clients: "all" | ReadonlySet<string>;
};

/** @throws AssayError `permission_missing` */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (caller.permissions.has(permission)) return;
  throw new AssayError(
    "permission_missing",
    `the caller '${caller.name}' lacks the permission '${permission}': add it to the caller's permissions in the configuration`,
    { metadata: { permission } },
  );
}

export function mayActFor(caller: Caller, clientId: string): boolean {
  return caller.clients === "all" || caller.clients.has(clientId);
}

import { type Caller, requirePermission } from "./caller.ts";
import { AssayError } from "./error.ts";

/**
 * For what shows tokens of all clients together, such as the console.
 * @throws AssayError `permission_missing`, `client_not_allowed`
 */
export function requireWholeAdmin(caller: Caller): void {
  const { clients, audiences } = requirePermission(caller, "admin");
  if (clients === "all" && audiences === "all") return;
  throw new AssayError(
    "client_not_allowed",
    `the permission 'admin' of the caller '${caller.name}' is limited to certain clients, and this shows all: let its admin reach all clients ("*")`,
  );
}

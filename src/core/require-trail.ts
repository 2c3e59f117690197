import type { Environment } from "./environment.ts";
import { AssayError } from "./error.ts";

/**
 * Before anything is decided, where an operator would rather have no answer than one that nobody can trace.
 * @throws AssayError `audit_unavailable`
 */
export function requireTrail({ isTrailKept }: Pick<Environment, "isTrailKept">): void {
  if (!isTrailKept()) throw unkept();
}

function unkept(): AssayError {
  return new AssayError(
    "audit_unavailable",
    "nothing is answered while the audit trail cannot be written, and nothing was done: retry later, or at another instance",
  );
}

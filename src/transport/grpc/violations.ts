import { AssayError, type FieldViolation } from "../../core/error.ts";

/** What is wrong with a request, gathered so that all of it is answered at once. */
export type Violations = {
  /** Nothing is added when `description` is undefined; else it is read after the name of the field. */
  add(field: string, description: string | undefined): void;
  /** @throws AssayError `invalid_request` when anything was added */
  throwIfAny(): void;
  error(): AssayError;
};

export function gatherViolations(): Violations {
  const found: FieldViolation[] = [];
  const error = () => new AssayError("invalid_request", summary(found), { fields: found });
  return {
    add(field, description) {
      if (description !== undefined) found.push({ field, description });
    },
    throwIfAny() {
      if (found.length > 0) throw error();
    },
    error,
  };
}

function summary(found: readonly FieldViolation[]): string {
  return `the request is invalid: ${found.map(({ field, description }) => `${field} ${description}`).join("; ")}`;
}
